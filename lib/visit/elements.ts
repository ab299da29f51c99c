import { messageOf, StepFailure } from '../errors.js';
import { elementTexts } from '../json-elements.js';
import { unfenced } from '../values.js';

/**
 * The elements of an output that is a JSON array: the text of a string, any other value as it stands there.
 * Throws a `bad_output` StepFailure where it is none: another attempt may bring one.
 */
export function elementsOf(output: string): readonly string[] {
  const json = unfenced(output).trim();
  const value = parsed(json);
  if (!Array.isArray(value)) throw noArray(excerpt(output));
  const texts = elementTexts(json);
  return value.map((element, index) => asText(element, texts[index]));
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

function asText(element: unknown, text = ''): string {
  return (typeof element === 'string' ? element : text).toWellFormed();
}

function excerpt(text: string): string {
  const start = text.trim().slice(0, 60);
  return start ? JSON.stringify(start) : 'nothing';
}
