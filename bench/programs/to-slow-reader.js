/*
 * The library under the CLI's own writer, stdout being a pipe. Tells how many flows were pulled beyond those whose
 * record the writer had taken, at most; the reader tells what it has read.
 */
import { writeFileSync } from 'node:fs';
import { run, step } from '@flowline/orchestrator';
import { Writer } from './parts.js';
import { tell } from './report.js';
import { work } from './steps.js';

const { flows, parallel, pulledFile } = JSON.parse(process.argv[2]);
const writer = new Writer(process.stdout);
let pulled = 0;
let written = 0;
let mostAhead = 0;

const values = {
  *[Symbol.iterator]() {
    for (let n = 0; n < flows; n++) {
      pulled++;
      mostAhead = Math.max(mostAhead, pulled - written);
      yield `value ${n}`;
    }
  },
};

// The reader compares what it has read with what was pulled by then.
const publishing = setInterval(() => writeFileSync(pulledFile, String(pulled)), 50);

run({
  steps: ['draft', 'work', 'summary'].map((name) => step(name, work)),
  keys: { a: { values } },
  parallel,
  deliver: async (record) => {
    await writer.write(`${JSON.stringify(record)}\n`);
    written++;
  },
}).results$.subscribe({
  complete: () => {
    clearInterval(publishing);
    tell({ pulled, written, mostAhead });
  },
});
