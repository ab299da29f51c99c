/** A JSON or YAML object: not a list, not null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A whole number from 1 up. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

/** Signals of other realms and polyfills are instances of a class of their own. */
export function isSignal(value: unknown): value is AbortSignal {
  return (
    isObject(value) && typeof value.aborted === 'boolean' && typeof value.addEventListener === 'function'
  );
}

/** An answer without the code fence around all of it, as models like to give JSON. */
export function unfenced(answer: string): string {
  const text = answer.trim();
  const start = text.indexOf('\n');
  if (!text.startsWith('```') || !text.endsWith('```') || start < 0) return answer;
  return text.slice(start + 1, -3).trimEnd();
}

/** The value of a JSON text; undefined where it isn't JSON. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
