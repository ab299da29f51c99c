import { distance } from 'fastest-levenshtein';

/** The known name that was probably meant; null when none is near. */
export function nearest(name: string, known: readonly string[]): string | null {
  return near(name, known)[0] ?? null;
}

/** The known names that may have been meant, the nearest first. */
export function near(name: string, known: readonly string[]): string[] {
  const lower = name.toLowerCase();
  const most = Math.min(Math.ceil(name.length / 3), name.length - 1);
  return known
    .map((candidate) => ({ candidate, steps: distance(lower, candidate.toLowerCase()) }))
    .filter(({ steps }) => steps <= most)
    .sort((a, b) => a.steps - b.steps)
    .map(({ candidate }) => candidate);
}

/** `; did you mean "prompt"?`, or nothing. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === null ? '' : `; did you mean "${near}"?`;
}

/** `expected a number, got "x" (string)`. */
export function mismatch(expected: string, got: unknown): string {
  return got === undefined ? `is missing; expected ${expected}` : `expected ${expected}, got ${show(got)}`;
}

/** A value as a message shows it. */
function show(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return `${text.length > 40 ? `${text.slice(0, 39)}…` : text} (${typeof value})`;
}
