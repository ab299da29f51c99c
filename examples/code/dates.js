/** The days between two dates, as `2026-11-22`. */
export function daysBetween(from, to) {
  return Math.round((new Date(to) - new Date(from)) / 86_400_000);
}

/** The same day, so many years later. */
export function yearsLater(date, years) {
  const later = new Date(date);
  later.setFullYear(later.getFullYear() + years);
  return later.toISOString().slice(0, 10);
}
