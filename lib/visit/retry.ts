import { FAILURES, type StepFailure } from '../errors.js';

/**
 * A failure that knows better than its kind says so itself (`retryable`).
 *
 * @param before the failure of the previous attempt
 */
export function isWorthRetrying({ kind, retryable }: StepFailure, before?: StepFailure): boolean {
  if (retryable === 'once') return before?.retryable !== 'once';
  return retryable ?? FAILURES[kind].retry;
}

const FIRST_MS = 500;
const LONGEST_MS = 30_000;
/** A server that names a day must not hold a flow for a day. */
const LONGEST_WISH_MS = 60_000;

/**
 * How long to wait before the next attempt, in milliseconds: as long as the server asked for (at most 60 s), else 0.5
 * s, 1 s, 2 s … 30 s, of which up to a half is taken off at random, so that a burst doesn't come back as one.
 *
 * @param attempts how many have failed, from 1
 */
export function backOffMs(attempts: number, wishMs?: number, random: () => number = Math.random): number {
  if (wishMs !== undefined) return Math.min(wishMs, LONGEST_WISH_MS);
  return Math.min(FIRST_MS * 2 ** (attempts - 1), LONGEST_MS) * (1 - random() / 2);
}
