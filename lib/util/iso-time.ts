let lastTime = Number.NaN;
let lastText = '';

/** Milliseconds since the epoch as ISO 8601. In a fast run thousands of steps share a millisecond: it is formatted once. */
export function isoTime(time: number): string {
  if (time !== lastTime) {
    lastText = new Date(time).toISOString();
    lastTime = time;
  }
  return lastText;
}
