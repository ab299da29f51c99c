/* The hand-written loop: workers over a shared counter, three awaited steps a flow. No ids, events or records. */
import { tell } from './report.js';
import { newFlow, step } from './steps.js';

const { flows, parallel } = JSON.parse(process.argv[2]);
let next = 0;
let finished = 0;

async function worker() {
  while (next < flows) {
    let flow = newFlow(next++);
    for (let n = 0; n < 3; n++) flow = await step(flow);
    finished++;
  }
}

const began = performance.now();
await Promise.all(Array.from({ length: parallel }, worker));
tell({ flows: finished, ms: performance.now() - began });
