import { CODEX_INPUT_TOKENS, OUTPUT_TOKENS } from '../cost/estimate.js';
import { writesOf } from './cache-writes.js';
import { ASSUMED_MS } from './per-call.js';
import type { PlanStep } from './plan-step.js';
import type { PlannedStep } from './planned-step.js';

/** What the forecast takes for granted, a sentence each. */
export function assumptionsOf(planned: readonly PlannedStep[]): string[] {
  const steps = planned.map(({ step }) => step);
  const asks = steps.some(({ call }) => call !== null);
  const [codex, module] = ['codex', 'module'].map((type) => steps.some((step) => step.type === type));
  return [
    ...(asks ? [OUTPUTS, UNCACHED, ...writesOf(planned), TEXTS] : []),
    ...toolsOf(steps),
    ...(codex ? [CODEX] : []),
    ...(steps.some(({ array }) => array) ? ['Each array has one element; more make more calls.'] : []),
    ...(module ? ['A module makes neither more nor fewer flows.'] : []),
    ...timesOf(steps),
  ];
}

const UNCACHED = 'No input is cached, and no call is repeated.';

const OUTPUTS =
  `An answer has ${number(OUTPUT_TOKENS.low)}, ${number(OUTPUT_TOKENS.expected)} or ` +
  `${number(OUTPUT_TOKENS.high)} tokens (low, expected, high), or at most what its step allows.`;

const TEXTS = 'Input tokens are those of prompts, instructions and schemas; the API adds a few to each call.';

const CODEX =
  `codex sends ${number(CODEX_INPUT_TOKENS.low)} (low) or ${number(CODEX_INPUT_TOKENS.expected)} (expected) input ` +
  'tokens beside the prompt, even for a trivial one; when it works it sends more, without an upper bound.';

function toolsOf(steps: readonly PlanStep[]): string[] {
  const tools = new Set(steps.flatMap(({ call }) => call?.tools ?? []));
  if (tools.size === 0) return [];
  return [
    `A call uses ${[...tools].join(', ')} once, at a fee beside the tokens; nothing bounds how often it may.`,
  ];
}

function timesOf(steps: readonly PlanStep[]): string[] {
  const types = new Set(steps.map(({ type }) => type));
  const times = Object.entries(ASSUMED_MS).filter(([type]) => types.has(type));
  if (times.length === 0) return [];
  return [`A call takes ${times.map(([type, ms]) => `${ms / 1000} s (${type})`).join(', ')}.`];
}

function number(count: number): string {
  return count.toLocaleString('en');
}
