import { messageOf, StepFailure } from '../errors.js';
import { unfenced } from '../values.js';

/**
 * The elements of an output that is a JSON array: strings as they are, other values as JSON.
 * Throws a `bad_output` StepFailure where it is none: another attempt may bring one.
 */
export function elementsOf(output: string): readonly string[] {
  const value = parsed(unfenced(output));
  if (Array.isArray(value)) return value.map((element) => asText(element));
  throw noArray(excerpt(output));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw noArray(`${excerpt(text)} (${messageOf(error)})`);
  }
}

function noArray(got: string): StepFailure {
  const message = `expected a JSON array, since \`array\` is true; got ${got}`;
  return new StepFailure('bad_output', message, { retryable: true });
}

function asText(element: unknown): string {
  return typeof element === 'string' ? element.toWellFormed() : JSON.stringify(element);
}

function excerpt(text: string): string {
  const start = text.trim().slice(0, 60);
  return start ? JSON.stringify(start) : 'nothing';
}
