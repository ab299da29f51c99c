import type { LaneWait } from './lanes.js';

/** `openai waits 12 s (429)`, `codex waits 1 h 20 min (quota)`, `openai is used up (quota)`. */
export function waitText({ lane, why, ms }: LaneWait): string {
  const reason = why === 'rate_limit' ? '429' : why;
  return ms === null ? `${lane} is used up (${reason})` : `${lane} waits ${timeText(ms)} (${reason})`;
}

/** To the second, longer times to the minute. */
function timeText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

/** `openai: limited to 20/s`; below one a second `openai: limited to 30/min`. */
export function limitText(lane: string, perSecond: number): string {
  const [calls, unit] = perSecond >= 1 ? [perSecond, 's'] : [perSecond * 60, 'min'];
  return `${lane}: limited to ${Number(calls.toPrecision(2))}/${unit}`;
}
