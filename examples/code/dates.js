/** The days between two dates, as `2026-11-22`. */
export function daysBetween(from, to) {
  return Math.round((new Date(to) - new Date(from)) / 86_400_000);
}
