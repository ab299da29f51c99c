import { step } from '@flowline/orchestrator';
import { tell } from '../programs/report.js';
import { work } from '../programs/steps.js';

let called = false;

/** As noop.mjs, but it tells when it was first called, from the start of the process on. */
export default step('first call', (flow) => {
  if (!called) tell({ firstCallMs: performance.now() });
  called = true;
  return work(flow);
});
