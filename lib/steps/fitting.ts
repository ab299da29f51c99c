import { ConfigError, messageOf, StepFailure } from '../errors.js';
import { isDeeperThan, MOST_JSON_LEVELS } from '../util/depth.js';
import { compileSchema, type SchemaError } from '../util/json-schema.js';
import { unfenced } from '../util/values.js';
import { unwrapped } from './answer-schema.js';
import { quote } from './text.js';

/** Gives back the output in an answer. Throws a `bad_output` StepFailure where it doesn't fit: a further attempt may. */
export type AnswerCheck = (answer: string) => string;

/**
 * The check of answers against a step's schema; text that models and providers put around the JSON is removed. Rejects
 * with a ConfigError where the schema is wrong.
 *
 * @param what is checked, for messages
 * @param where the step stands, for messages
 */
export async function fittingOf(
  schema: Record<string, unknown> | null,
  what: 'the answer' | 'the final message',
  where: string,
): Promise<AnswerCheck> {
  if (!schema) return (answer) => answer;
  const misfit = await compiled(schema, where);
  return (answer) => {
    const output = unwrapped(unfenced(answer), schema);
    const found = misfit(parsed(output, what));
    if (found === null) return output;
    throw rejected(`${what} doesn't fit the schema: ${found}`);
  };
}

async function compiled(schema: Record<string, unknown>, where: string): Promise<SchemaError> {
  try {
    return await compileSchema(schema);
  } catch (error) {
    throw new ConfigError([
      { where: `${where}.schema`, message: `invalid JSON Schema: ${messageOf(error)}` },
    ]);
  }
}

function parsed(answer: string, what: string): unknown {
  const value = jsonOf(answer, what);
  if (!isDeeperThan(MOST_JSON_LEVELS, value)) return value;
  throw rejected(`${what} is nested more than ${MOST_JSON_LEVELS} levels deep`);
}

function jsonOf(answer: string, what: string): unknown {
  try {
    return JSON.parse(answer);
  } catch (error) {
    throw rejected(`${what} isn't valid JSON: ${quote(messageOf(error))}`);
  }
}

function rejected(message: string): StepFailure {
  return new StepFailure('bad_output', message, { retryable: true });
}
