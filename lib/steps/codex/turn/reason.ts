import type { FailureFacts, FailureKind } from '../../../errors.js';
import { isTooLarge, KIND_OF, subjectOf } from '../../rejection.js';
import { resetTimeIn } from './reset-time.js';

/** What a failure is, as far as its text says. */
export interface Reason {
  readonly kind: FailureKind;
  readonly facts: FailureFacts;
}

/**
 * Judges by what codex, or the server through it, gave as the reason.
 *
 * @param why as a message will say it
 * @param told as an event told it, maybe the whole body of an answer; empty where none did
 * @param now milliseconds since the epoch
 */
export function reasonIn(why: string, told: string, now: number): Reason {
  const status = statusIn(told);
  const kind = kindOf(why, status);
  const facts = { status, ...(isFinal(kind, status) && { retryable: false }) };
  return { kind, facts: { ...facts, ...adviceFor(kind, why, resetTimeIn(told || why, now), now) } };
}

function statusIn(text: string): number | undefined {
  const [, status] = text.match(/\bstatus:? (\d{3})\b/) ?? [];
  return status === undefined ? undefined : Number(status);
}

/** Statuses that tell what a failure is about; the others say no more than that codex failed. */
const TELLING = [401, 402, 403, 429];

/** In this order: a quota comes as status 429, too. */
const signs: readonly [FailureKind, RegExp][] = [
  ['quota', /usage limit|quota|out of credits|purchase more credits|spend cap|billing|upgrade to plus/i],
  [
    'auth',
    /not logged in|log(ged)? ?out|log ?in again|sign ?in|could not be refreshed|token data|api key|unauthorized|missing bearer|environment variable/i,
  ],
  ['refused', /flagged for|content_filter/i],
  ['input', /context window/i],
  ['rate_limit', /rate limit|too many requests/i],
  ['server', /high demand|overloaded|at capacity|internal server error|server error/i],
  ['bad_output', /incomplete response/i],
  ['network', /error sending request|stream disconnected|connection|dns error|timed out|network/i],
];

function kindOf(text: string, status: number | undefined): FailureKind {
  const [kind] = signs.find(([, sign]) => sign.test(text)) ?? [];
  if (isTooLarge(text)) return 'refused';
  if (status === undefined) return kind ?? 'exit';
  if (status === 429 && kind === 'quota') return 'quota';
  return TELLING.includes(status) || status >= 500 ? KIND_OF[subjectOf({ status, text })] : 'exit';
}

/** A request that is wrong stays wrong. */
function isFinal(kind: FailureKind, status: number | undefined): boolean {
  return kind === 'exit' && status !== undefined && [400, 404, 413, 422].includes(status);
}

function adviceFor(kind: FailureKind, why: string, resetsAt: number | undefined, now: number): FailureFacts {
  switch (kind) {
    case 'auth':
      return { hint: 'Sign in with `codex login`, or set CODEX_API_KEY or OPENAI_API_KEY.' };
    case 'quota':
      return { resetsAt, hint: quotaHint(resetsAt) };
    case 'rate_limit':
      return resetsAt === undefined ? opaque(why) : { retryAfterMs: Math.max(0, resetsAt - now) };
    default:
      return {};
  }
}

function quotaHint(resetsAt: number | undefined): string {
  const until = resetsAt === undefined ? 'the limit is reset' : minuteOf(resetsAt);
  return `Wait until ${until}, or use another account or key.`;
}

/** `2026-11-25 15:45 UTC` */
function minuteOf(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Not all versions of codex hand the server's own words on. */
function opaque(why: string): FailureFacts {
  if (!why.includes('exceeded retry limit')) return {};
  return {
    hint: 'Some versions of codex say the same of a used-up quota: look at your plan and billing if it stays.',
  };
}
