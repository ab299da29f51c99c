import type { FailureFacts, FailureKind } from '../../../errors.js';
import { isTooLarge, KIND_OF, subjectOf } from '../../rejection.js';

/** The cause of a failure, as far as its text tells. */
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

/** Statuses that tell the cause of a failure; the others only say that codex failed. */
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

const UNITS_MS = new Map([
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]);
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * When a limit is reset, milliseconds since the epoch, as a message of codex or the body of an answer names it:
 * "try again at 3:45 PM", "try again at Nov 25th, 2026 3:45 PM", "try again in 2 days 3 hours 5 minutes",
 * `"resets_at":1900000000`, `"resets_in_seconds":3600`. Times of day are local ones, as codex writes them.
 * Undefined where no time is named.
 */
export function resetTimeIn(message: string, now: number): number | undefined {
  const time = inBody(message, now) ?? atTime(message, now) ?? inSpan(message, now);
  return time === undefined || Number.isNaN(new Date(time).getTime()) ? undefined : time;
}

function inBody(message: string, now: number): number | undefined {
  const [, name, digits] = message.match(/"(resets_at|resets_in_seconds)"\s*:\s*(\d+)/) ?? [];
  if (digits === undefined) return undefined;
  const ms = Number(digits) * 1000;
  return name === 'resets_at' ? ms : now + ms;
}

const TIME =
  /try again at (?:([a-z]{3})[a-z]* (\d{1,2})[a-z]{0,2},? (\d{4}),? )?(\d{1,2}):(\d{2})(?: ([ap])m\b)?/i;

function atTime(message: string, now: number): number | undefined {
  const [, month, day, year, hour, minute, half] = message.match(TIME) ?? [];
  if (hour === undefined) return undefined;
  const hours = hoursOf(Number(hour), half);
  if (month === undefined) return today(now, hours, Number(minute));
  const index = MONTHS.indexOf(month.toLowerCase());
  return index < 0 ? undefined : new Date(Number(year), index, Number(day), hours, Number(minute)).getTime();
}

function hoursOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

/** Codex leaves the day out where it is today. */
function today(now: number, hours: number, minutes: number): number {
  return new Date(now).setHours(hours, minutes, 0, 0);
}

const SPAN = /try again in ((?:\d+(?:\.\d+)? ?[a-z]+[ ,]*)+)/i;
const PART = /(\d+(?:\.\d+)?) ?(ms|d(?:ays?)?|h(?:ours?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)(?![a-z])/gi;

function inSpan(message: string, now: number): number | undefined {
  const [, span] = message.replace('less than a minute', '1 minute').match(SPAN) ?? [];
  if (span === undefined) return undefined;
  const parts = [...span.matchAll(PART)].map(([, amount, unit]) => Number(amount) * unitMs(unit));
  return parts.length === 0 ? undefined : Math.ceil(parts.reduce((sum, ms) => sum + ms, now));
}

function unitMs(unit = ''): number {
  const short = unit === 'ms' ? unit : unit.slice(0, 1).toLowerCase();
  return UNITS_MS.get(short) ?? 0;
}
