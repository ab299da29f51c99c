import type { LaneNews, LimitNews } from '../../step/lane.js';

/** The limits in an answer's `x-ratelimit-*` headers; senseless ones are left out. */
export function limitsIn(headers: Headers): LaneNews {
  const requestLimit = limitIn(headers, 'requests');
  const tokenLimit = limitIn(headers, 'tokens');
  return { ...(requestLimit && { requestLimit }), ...(tokenLimit && { tokenLimit }) };
}

function limitIn(headers: Headers, unit: 'requests' | 'tokens'): LimitNews | undefined {
  const limit = countIn(headers.get(`x-ratelimit-limit-${unit}`));
  if (!limit) return undefined; // as most servers have it, and looking takes time
  const remaining = countIn(headers.get(`x-ratelimit-remaining-${unit}`));
  const resetMs = durationIn(headers.get(`x-ratelimit-reset-${unit}`));
  if (remaining === undefined || remaining > limit || resetMs === undefined) return undefined;
  return { limit, remaining, resetMs };
}

function countIn(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `6m0s`, `250ms`, `1.5s`, or plain seconds; in milliseconds. */
function durationIn(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([\d.]+)([a-z]+)/g)];
  return parts.reduce((sum, [, number, unit = '']) => sum + Number(number) * (UNITS[unit] ?? 0), 0);
}

/**
 * The server's wish before the next try, in milliseconds: `retry-after-ms`, or `retry-after` in seconds or as a date.
 * Undefined where there is none, or none that makes sense.
 */
export function retryAfterMs(headers: Headers, now = Date.now()): number | undefined {
  const ms = duration(headers.get('retry-after-ms'));
  if (ms !== undefined) return ms;
  const wish = headers.get('retry-after');
  const seconds = duration(wish);
  if (seconds !== undefined) return seconds * 1000;
  return wish?.endsWith(' GMT') ? until(Date.parse(wish), now) : undefined;
}

function duration(text: string | null): number | undefined {
  return text !== null && /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function until(then: number, now: number): number | undefined {
  return Number.isNaN(then) ? undefined : Math.max(0, then - now);
}
