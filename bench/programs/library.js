/*
 * The library, with all that it does for a flow: ids, events and the progress line they become, records. The keys are
 * lists of values that multiply. `middle` puts a plain RxJS operator between the steps, `ndjson` writes the records
 * to stdout as the CLI does, `generated` keeps the run there.
 */
import { createRunStore, operator, progressLines, run, step } from '@flowline/orchestrator';
import { map } from 'rxjs';
import { Writer } from './parts.js';
import { tell } from './report.js';
import { work } from './steps.js';

/** The first and the last so many flows are timed on their own. */
const STRETCH = 100_000;

const { keys, parallel, middle = false, ndjson = false, generated } = JSON.parse(process.argv[2]);
const total = Object.values(keys).reduce((product, count) => product * count, 1);

function main() {
  const writer = new Writer(process.stdout);
  const { results$, events$ } = run({
    steps: steps(),
    keys: Object.fromEntries(Object.entries(keys).map(([name, count]) => [name, { values: values(count) }])),
    parallel,
    onStart: (plan) =>
      progressLines(events$, plan, 2000).subscribe((line) => process.stderr.write(`${line}\n`)),
    ...(generated && { store: () => createRunStore(generated, {}) }),
    ...(ndjson && { deliver: (record) => writer.write(`${JSON.stringify(record)}\n`) }),
  });
  const began = performance.now();
  const marks = { first: 0, last: 0 };
  let flows = 0;
  results$.subscribe({
    next: () => {
      flows++;
      if (flows === STRETCH) marks.first = performance.now();
      if (flows === total - STRETCH) marks.last = performance.now();
    },
    complete: () => {
      const ended = performance.now();
      const firstMs = marks.first - began;
      tell({ flows, ms: ended - began, ...(marks.last && { firstMs, lastMs: ended - marks.last }) });
    },
  });
}

function steps() {
  const own = ['draft', 'work', 'summary'].map((name) => step(name, work));
  if (middle) own.splice(1, 0, operator('foreign', map(again)));
  return own;
}

function again(flow) {
  return { ...flow };
}

function values(count) {
  return Array.from({ length: count }, (_, n) => `value ${n}`);
}

main();
