import { getSystemErrorName } from 'node:util';
import { StepFailure, WriteFailure, writeError } from '../../../errors.js';
import { jsonIn } from '../../../util/values.js';
import { firstPart, lastPart } from '../../text.js';
import { type Reason, reasonIn } from './reason.js';
import type { Turn } from './turn.js';

/** How codex ended. */
export interface CodexEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Its end is enough. */
  readonly stderr: string;
}

/** Codex doesn't know an option, or a value of it. */
const WRONG_CALL: Reason = { kind: 'exit', facts: { retryable: false } };

/**
 * Success is exit code 0 *and* a completed turn *and* none that failed *and* a final message, whole, after which codex did
 * nothing more; else why not.
 *
 * @param now milliseconds since the epoch; messages name a time of day, or a span
 */
export function verdict(turn: Turn, end: CodexEnd, message: string, now: number): StepFailure | null {
  if (end.exitCode !== 0 || turn.failure !== undefined) return failureOf(turn, end, now);
  if (!turn.completed) return bad('ended without completing its turn', end);
  if (isCutOff(message, turn)) return bad('could not write all of its final message', end);
  if (message.trim() !== '' && !turn.unfinished) return null;
  return bad('ended without a final message', end, emptyHint(turn));
}

/** An event had a longer message. (Codex leaves it empty where it has none.) */
function isCutOff(message: string, { message: told }: Turn): boolean {
  return message !== '' && message.length < told.length && told.startsWith(message);
}

/**
 * Codex says on stderr that the disk took no final message, or not all of it: 0.104 ends with exit code 0 all the same.
 * Null where it doesn't.
 */
export function messageWriteFailure({ stderr }: CodexEnd, file: string): WriteFailure | null {
  const [, number] = /last message file .*?\(os error (\d+)\)/s.exec(stderr) ?? [];
  if (number === undefined) return null;
  const code = getSystemErrorName(-Number(number));
  const error = writeError(file, Object.assign(new Error(`${code}, as codex says`), { code }));
  return error instanceof WriteFailure ? error : null;
}

function bad(what: string, { stderr }: CodexEnd, hint?: string): StepFailure {
  const why = lastPart(stderr);
  return new StepFailure('bad_output', `codex ${what}${why && `: ${why}`}`, { retryable: true, hint });
}

function emptyHint({ usage }: Turn): string | undefined {
  if (usage === undefined || usage.inputTokens + usage.outputTokens > 0) return undefined;
  return 'It used no tokens, which can mean that a usage limit is reached: look at the usage of the account.';
}

function failureOf(turn: Turn, { exitCode, signal, stderr }: CodexEnd, now: number): StepFailure {
  const told = turn.failure ?? turn.warning;
  const why = told === undefined ? lastPart(stderr) : firstPart(messageIn(told));
  const { kind, facts } = exitCode === 2 && told === undefined ? WRONG_CALL : reasonIn(why, told ?? '', now);
  const end = signal === null ? `exit code ${exitCode}` : `killed by ${signal}`;
  return new StepFailure(kind, `codex failed (${end})${why && `: ${why}`}`, {
    ...facts,
    exitCode: exitCode ?? undefined,
  });
}

/** Some versions hand the body of the server's answer on as it is. */
function messageIn(text: string): string {
  const [, message] = text.match(/^\{.*?"message"\s*:\s*("(?:[^"\\]|\\.)*")/s) ?? [];
  return message === undefined ? text : String(jsonIn(message) ?? message);
}
