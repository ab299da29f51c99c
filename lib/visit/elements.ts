import { messageOf, StepFailure } from '../errors.js';
import { isDeeperThan, MOST_JSON_LEVELS } from '../util/depth.js';
import { elementTexts } from '../util/json-elements.js';
import { unfenced } from '../util/values.js';

/** All branches of a flow are in memory at once. */
const MOST_ELEMENTS = 100_000;

/**
 * The elements of an output that is a JSON array: the text of a string, any other value as it stands there.
 * Throws a `bad_output` StepFailure where it is none (another attempt may bring one), or one that is too long or too deep.
 */
export function elementsOf(output: string): readonly string[] {
  const json = unfenced(output).trim();
  const value = parsed(json);
  if (!Array.isArray(value)) throw noArray(excerpt(output));
  if (value.length > MOST_ELEMENTS)
    throw tooMuch(`has ${value.length} elements; at most ${MOST_ELEMENTS} can`);
  if (isDeeperThan(MOST_JSON_LEVELS, value))
    throw tooMuch(`is nested deeper than the ${MOST_JSON_LEVELS} levels that can`);
  const texts = elementTexts(json);
  return value.map((element, index) => asText(element, texts[index]));
}

/** Another attempt would hardly bring less. */
function tooMuch(what: string): StepFailure {
  const message = `the JSON array ${what} become branches`;
  return new StepFailure('bad_output', message, { retryable: 'once' });
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
