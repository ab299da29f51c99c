/* The same facts as NDJSON, the least that can be done: no sums, no index, one write after the other, one sync at the end. */
import { open } from 'node:fs/promises';
import { tell } from './report.js';
import { endOf, LINES, stepsOf } from './stored.js';

const { flows, file } = JSON.parse(process.argv[2]);
const handle = await open(file, 'w');
const began = performance.now();
let lines = [];
for (let n = 0; n < flows; n++) {
  const steps = stepsOf(n);
  for (const step of steps) lines.push(JSON.stringify(step));
  lines.push(JSON.stringify({ ...endOf(n, steps), steps: steps.map(({ key }) => key) }));
  if (n % 1000 === 0) {
    await handle.write(`${lines.join('\n')}\n`);
    lines = [];
  }
}
await handle.write(`${lines.join('\n')}\n`);
await handle.datasync();
tell({ flows: flows * LINES, ms: performance.now() - began });
await handle.close();
