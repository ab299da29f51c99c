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
