import { ConfigError, messageOf, StepFailure } from '../errors.js';
import { compileSchema, type Misfit } from '../schema.js';
import { quote } from './quote.js';

/** Gives an answer back that is as it has to be. Throws a `bad_output` StepFailure for another: a further attempt may be. */
export type Fitting = (answer: string) => string;

/**
 * The check of answers against a step's schema. Rejects with a ConfigError where that is none.
 *
 * @param what is checked, for messages
 * @param where the step stands, for messages
 */
export async function fittingOf(
  schema: Record<string, unknown> | null,
  what: 'the answer' | 'the final message',
  where: string,
): Promise<Fitting> {
  if (!schema) return (answer) => answer;
  const misfit = await compiled(schema, where);
  return (answer) => {
    const found = misfit(parsed(answer, what));
    if (found === null) return answer;
    throw rejected(`${what} doesn't fit the schema: ${found}`);
  };
}

async function compiled(schema: Record<string, unknown>, where: string): Promise<Misfit> {
  try {
    return await compileSchema(schema);
  } catch (error) {
    throw new ConfigError([{ where: `${where}.schema`, message: `no JSON Schema: ${messageOf(error)}` }]);
  }
}

function parsed(answer: string, what: string): unknown {
  try {
    return JSON.parse(answer);
  } catch (error) {
    throw rejected(`${what} is no JSON: ${quote(messageOf(error))}`);
  }
}

function rejected(message: string): StepFailure {
  return new StepFailure('bad_output', message, { retryable: true });
}
