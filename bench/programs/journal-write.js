/* A run of flows with three steps each that only keeps them: nothing is worked. */
import { createRunStore } from '@flowline/orchestrator';
import { tell } from './report.js';
import { endOf, LINES, stepsOf, turns } from './stored.js';

const { flows, generated } = JSON.parse(process.argv[2]);
const store = await createRunStore(generated, {});
const turn = turns();
const began = performance.now();
for (let n = 0; n < flows; n++) {
  const steps = stepsOf(n);
  for (const step of steps) store.saveStep(step, true);
  store.saveFlow(endOf(n, steps));
  if (n % 50 === 0) {
    await turn();
    await store.ready();
  }
}
await store.flushed();
tell({ flows: flows * LINES, ms: performance.now() - began });
await store.close({});
