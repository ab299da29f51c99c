import type { Flow } from '../../flow.js';
import { droppedRecord, type ResultRecord, toRecord } from '../../record.js';
import type { EndedFlow } from '../../store/ended-flows.js';

/** The record of a flow that has ended, as it was printed then. */
export function recordOf(ended: EndedFlow): ResultRecord {
  const { status, steps, ms } = ended;
  const flow = flowOf(ended);
  return status === 'dropped' ? droppedRecord(flow, ms) : toRecord(flow, steps.at(-1)?.record.name, ms);
}

/** As it stood before its record was made, with the clock at zero when it was admitted. */
function flowOf({ flow: id, index, branch, inputs, status, output, steps, error }: EndedFlow): Flow {
  return {
    id,
    index,
    branch,
    inputs,
    output: output ?? '',
    status: status === 'failed' || status === 'cancelled' ? status : 'live',
    steps: steps.map(({ record }) => record),
    outputs: {},
    error,
    startedAt: 0,
  };
}
