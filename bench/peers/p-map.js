/* p-map: what the mapper returns is skipped, so that no results are kept. */
import pMap, { pMapSkip } from 'p-map';
import { tell } from '../programs/report.js';
import { newFlow, step } from '../programs/steps.js';

const { flows, parallel } = JSON.parse(process.argv[2]);
let finished = 0;

function* numbers() {
  for (let n = 0; n < flows; n++) yield n;
}

async function travel(number) {
  let flow = newFlow(number);
  for (let n = 0; n < 3; n++) flow = await step(flow);
  finished++;
  return pMapSkip;
}

const began = performance.now();
await pMap(numbers(), travel, { concurrency: parallel });
tell({ flows: finished, ms: performance.now() - began });
