/* Opens the last run again, and finds every step of its flows in the order in which they were kept. */
import { openRunStore } from '@flowline/orchestrator';
import { findRun } from './parts.js';
import { tell } from './report.js';
import { stepsOf } from './stored.js';

const BATCH = 100;

const { flows, generated } = JSON.parse(process.argv[2]);
const folder = await findRun(generated, 'last');
const began = performance.now();
const store = await openRunStore(folder, {});
const openMs = performance.now() - began;
let found = 0;
let ms = 0;
for (let first = 0; first < flows; first += BATCH) {
  const steps = Array.from({ length: BATCH }, (_, n) => stepsOf(first + n)).flat();
  const began = performance.now();
  for (const step of steps) if (store.find(step)) found++;
  ms += performance.now() - began;
}
if (found !== 3 * flows) throw new Error(`found ${found} of ${3 * flows} steps`);
tell({ flows: found, ms, openMs });
await store.close({});
