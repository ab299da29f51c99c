import { StepFailure } from '../errors.js';
import type { StepFacts } from '../flow/flow.js';
import type { Tariff } from '../step/step.js';

/**
 * The facts of one attempt, with what it cost. A step knows that itself, or its tokens tell. Null where nobody knows: a
 * model without a price, a server that counts no tokens, a tool without a fee, a call that broke off.
 *
 * @param tariff of a step that asks a model
 * @param outcome a StepFailure where it failed
 */
export function charged(
  told: StepFacts,
  tariff: Pick<Tariff, 'costOf' | 'isSimulated'> | undefined,
  outcome: unknown,
): StepFacts {
  // Also of a call that failed before it could say so.
  const facts: StepFacts = tariff?.isSimulated ? { ...told, simulated: true } : told;
  const { usage, toolCalls, tier, costUsd } = facts;
  if (costUsd !== undefined || (!usage && !tariff)) return facts;
  if (usage) return { ...facts, costUsd: tariff?.costOf({ ...usage, toolCalls, tier }) ?? null };
  return { ...facts, costUsd: outcome instanceof StepFailure && isFree(outcome, facts) ? 0 : null };
}

/** It was never sent, or refused. An agent that was refused may have been answered before. */
function isFree({ kind, status = 0, cause }: StepFailure, { threadId }: StepFacts): boolean {
  return kind === 'input' || (threadId === undefined && (status >= 400 || reachedNobody(cause)));
}

const NOBODY: readonly unknown[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_PROXY',
];

/** There was no connection to send it over. */
function reachedNobody(cause: unknown): boolean {
  if (!(cause instanceof Error) || !('code' in cause)) return false;
  return NOBODY.includes(cause.code) || ('syscall' in cause && cause.syscall === 'connect');
}
