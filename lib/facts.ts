import type { StepFacts } from './flow.js';
import { addUsage } from './record.js';

const NONE: StepFacts = {};

/** The facts of several attempts as one: the last one's, with all the tokens (all were paid for). */
export function mergeFacts(earlier: StepFacts, later: StepFacts): StepFacts {
  if (!earlier.usage) return later;
  return { ...later, usage: later.usage ? addUsage(earlier.usage, later.usage) : earlier.usage };
}

/** Steps tell facts as they come to know them; records have them in one order. */
export function inOrder(facts: StepFacts): StepFacts {
  const { usage, model, requestId, path, simulated } = facts;
  if (!usage && !model && !requestId && !path && !simulated) return NONE;
  return {
    ...(usage && { usage }),
    ...(model !== undefined && { model }),
    ...(requestId !== undefined && { requestId }),
    ...(path !== undefined && { path }),
    ...(simulated && { simulated }),
  };
}
