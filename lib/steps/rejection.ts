import type { FailureKind, Subject } from '../errors.js';

/** The error that a server sent instead of an answer. */
export interface Rejection {
  /** HTTP status. */
  readonly status?: number | undefined;
  /** The provider's words for it: `code` and `type` of its error. */
  readonly codes?: readonly (string | null | undefined)[] | undefined;
  readonly text: string;
}

const ACCOUNT_CODES = ['insufficient_quota', 'billing_hard_limit_reached', 'billing_not_active'];
const LIMIT_CODES = ['rate_limit_exceeded'];
const SERVER_CODES = ['server_error', 'vector_store_timeout'];

/** Words of moderations and filters: they concern the content of the request. */
const CONTENT = /\bflagged\b|\bmoderat|\bcontent[ _-]?(policy|filter)|\busage polic|\bsafety\b|\bharmful\b/i;
/** A page instead of an API's answer comes from something before the server: a firewall, a sign-in. */
const PAGE = /<!doctype|<html/i;

/** The subject of a rejection, by its status, its codes and its text. */
export function subjectOf({ status, codes = [], text }: Rejection): Subject {
  const given = codes.filter((code) => typeof code === 'string');
  if (isAmong(ACCOUNT_CODES, given) || status === 402) return 'account';
  if (isTooLarge(text)) return 'request';
  return status === undefined ? subjectOfCodes(given) : subjectOfStatus(status, text);
}

function subjectOfCodes(codes: readonly string[]): Subject {
  if (isAmong(LIMIT_CODES, codes)) return 'limit';
  return codes.length === 0 || isAmong(SERVER_CODES, codes) ? 'server' : 'request';
}

function isAmong(known: readonly string[], codes: readonly string[]): boolean {
  return codes.some((code) => known.includes(code));
}

function subjectOfStatus(status: number, text: string): Subject {
  if (status === 401) return 'key';
  if (status === 403) return subjectOfForbidden(text);
  if (status === 404) return 'model';
  if (status === 429) return 'limit';
  if (status < 400 || status === 407) return 'way';
  return status === 408 || status === 409 || status >= 500 ? 'server' : 'request';
}

/** OpenRouter answers 403 where an input was flagged (its documents on errors, 2026-11); firewalls answer it with a page. */
function subjectOfForbidden(text: string): Subject {
  if (PAGE.test(text)) return 'way';
  return CONTENT.test(text) ? 'request' : 'key';
}

/**
 * True if the request alone is larger than the whole limit, so that waiting doesn't help. OpenAI and Groq say so in the
 * words of a rate limit: "Request too large for … tokens per min (TPM): Limit 30000, Requested 45000."
 */
export function isTooLarge(text: string): boolean {
  if (/\brequest too large\b/i.test(text)) return true;
  const [, limit, requested] = /\bLimit:? ([\d,]+).*\bRequested:? ([\d,]+)/i.exec(text) ?? [];
  return limit !== undefined && requested !== undefined && numberIn(requested) > numberIn(limit);
}

function numberIn(text: string): number {
  return Number(text.replaceAll(',', ''));
}

/** The kind of a failure that is about this. */
export const KIND_OF: Readonly<Record<Subject, FailureKind>> = {
  request: 'refused',
  model: 'refused',
  key: 'auth',
  account: 'quota',
  limit: 'rate_limit',
  server: 'server',
  way: 'refused',
};

/** True if the same request may be answered at another time. */
export function isPassing(about: Subject): boolean {
  return about === 'limit' || about === 'server';
}
