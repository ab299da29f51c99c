import type { Flow } from '../../flow/flow.js';
import { type ResultRecord, toRecord } from '../../flow/record.js';
import type { EndedFlow } from '../../store/ended-flows.js';

/** The record of a flow that has ended, as it was printed then. */
export function recordOf(ended: EndedFlow): ResultRecord {
  return toRecord(flowOf(ended), ended.steps.at(-1)?.record.name, ended.ms);
}

/** As it stood before its record was made, with the clock at zero when it was admitted. */
function flowOf({ flow: id, index, branch, inputs, status, output, steps, error }: EndedFlow): Flow {
  return {
    id,
    index,
    branch,
    inputs,
    output: output ?? '',
    status: status === 'done' ? 'live' : status,
    steps: steps.map(({ record }) => record),
    outputs: {},
    error,
    startedAt: 0,
  };
}
