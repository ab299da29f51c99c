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
