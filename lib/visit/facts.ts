import type { StepFacts, ToolCalls } from '../flow/flow.js';
import { addUsage } from '../flow/usage.js';
import { sumUsd } from '../util/dollars.js';

type Draft = { -readonly [F in keyof StepFacts]: StepFacts[F] };

/** Of a step that has told nothing. */
export const NO_FACTS: StepFacts = {};

const ORDER = [
  'usage',
  'toolCalls',
  'tier',
  'costUsd',
  'model',
  'requestId',
  'threadId',
  'commands',
  'commandsCutOff',
  'filesChanged',
  'path',
  'folder',
  'patch',
  'changes',
  'ignored',
  'worktree',
  'simulated',
] as const satisfies readonly (keyof StepFacts)[];

/** The facts of several attempts as one: the last one's, with all the tokens and their costs (all were paid for). */
export function mergeFacts(earlier: StepFacts, later: StepFacts): StepFacts {
  const { usage, toolCalls, costUsd } = earlier;
  const { costUsd: more = 0 } = later;
  if (!usage && costUsd === undefined) return later;
  return {
    ...later,
    ...(usage && { usage: later.usage ? addUsage(usage, later.usage) : usage }),
    ...(toolCalls && { toolCalls: addCalls(toolCalls, later.toolCalls) }),
    ...(costUsd !== undefined && { costUsd: sumUsd([costUsd, more]) }),
  };
}

function addCalls(a: ToolCalls, b: ToolCalls = {}): ToolCalls {
  const sums = Object.entries(b).map(([tool, calls]) => [tool, (a[tool] ?? 0) + calls]);
  return { ...a, ...Object.fromEntries(sums) };
}

/** Steps tell facts as they come to know them; records have them in one order. Put in, since spreads take ten times as long. */
export function putFacts(facts: StepFacts, record: Draft): void {
  if (facts === NO_FACTS) return;
  for (const fact of ORDER) copy(fact, facts, record);
}

function copy<F extends keyof StepFacts>(fact: F, from: StepFacts, to: Draft): void {
  const told = from[fact];
  if (told !== undefined) to[fact] = told;
}
