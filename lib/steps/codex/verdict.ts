import { type FailureFacts, type FailureKind, StepFailure } from '../../errors.js';
import { firstPart, lastPart } from '../text.js';
import type { Turn } from './turn.js';

/** How codex ended. */
export interface CodexEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Its end is enough. */
  readonly stderr: string;
}

/** Success is exit code 0 *and* a completed turn *and* none that failed *and* a final message; else why not. */
export function verdict(turn: Turn, end: CodexEnd, message: string): StepFailure | null {
  if (end.exitCode !== 0 || turn.failure !== undefined) return failureOf(turn, end);
  if (!turn.completed) return bad('ended without completing its turn', end);
  return message.trim() === '' ? bad('ended without a final message', end) : null;
}

function bad(what: string, { stderr }: CodexEnd): StepFailure {
  const why = lastPart(stderr);
  return new StepFailure('bad_output', `codex ${what}${why && `: ${why}`}`, { retryable: true });
}

function failureOf({ failure, warning }: Turn, { exitCode, signal, stderr }: CodexEnd): StepFailure {
  const told = failure ?? warning;
  const why = told === undefined ? lastPart(stderr) : firstPart(messageIn(told));
  const status = statusIn(told ?? '');
  const kind = told === undefined && exitCode === 2 ? 'exit' : kindOf(why, status);
  const facts = { ...factsOf(status, exitCode), ...hintFor(kind) };
  const end = signal === null ? `exit code ${exitCode}` : `killed by ${signal}`;
  return new StepFailure(kind, why === '' ? `codex failed (${end})` : `codex failed (${end}): ${why}`, facts);
}

/** Some versions hand the body of the server's answer on as it is. */
function messageIn(text: string): string {
  const [, message] = text.match(/^\{.*?"message"\s*:\s*("(?:[^"\\]|\\.)*")/s) ?? [];
  return message === undefined ? text : unquoted(message);
}

function unquoted(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    return literal;
  }
}

function statusIn(text: string): number | undefined {
  const [, status] = text.match(/\bstatus:? (\d{3})\b/) ?? [];
  return status === undefined ? undefined : Number(status);
}

/** In this order: a quota comes as status 429, too. */
const signs: readonly [FailureKind, RegExp][] = [
  ['quota', /usage limit|quota|out of credits|purchase more credits|billing/i],
  [
    'auth',
    /not logged in|log(ged)? ?out|log ?in again|sign ?in|api key|unauthorized|missing bearer|environment variable/i,
  ],
  ['rate_limit', /rate limit|too many requests/i],
  ['server', /high demand|overloaded|at capacity|internal server error|server error/i],
  ['network', /error sending request|stream disconnected|connection|dns error|timed out|network/i],
];

function kindOf(text: string, status: number | undefined): FailureKind {
  const [kind] = signs.find(([, sign]) => sign.test(text)) ?? [];
  if (status === undefined) return kind ?? 'exit';
  if (status === 401 || status === 403) return 'auth';
  if (status === 429) return kind === 'quota' ? 'quota' : 'rate_limit';
  return status >= 500 ? 'server' : 'exit';
}

function factsOf(status: number | undefined, exitCode: number | null): FailureFacts {
  // A request or a call that is wrong stays wrong.
  const wrong = exitCode === 2 || (status !== undefined && [400, 404, 413, 422].includes(status));
  return {
    ...(status !== undefined && { status }),
    ...(exitCode !== null && { exitCode }),
    ...(wrong && { retryable: false }),
  };
}

function hintFor(kind: FailureKind): FailureFacts {
  if (kind === 'auth') return { hint: 'Sign in with `codex login`, or set CODEX_API_KEY or OPENAI_API_KEY.' };
  if (kind === 'quota') return { hint: 'Wait until the limit is reset, or use another account or key.' };
  return {};
}
