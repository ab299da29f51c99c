import { constants } from 'node:buffer';
import type { ConfigStep } from '../config/checked.js';
import type { LazyPricing, PromptSize } from '../cost/pricing.js';
import { ConfigError, messageOf, StepFailure } from '../errors.js';
import type { Flow } from '../flow/flow.js';
import { operator, type Step, type StepFunction, type StepOptions } from '../step/step.js';
import { byPath } from '../steps/by-path.js';
import type { StepEnvironment } from '../steps/contract.js';
import { MOST_RENDERED, parse, placeholders, TooLong } from '../util/template.js';
import { megabytes } from '../util/utf8.js';

/**
 * Makes a step of a config. Throws a ConfigError where it can't work here.
 *
 * @param closers receives a function that frees what the step holds
 */
export async function makeStep(
  step: ConfigStep,
  setup: StepEnvironment,
  pricing: LazyPricing | undefined,
  closers: (() => Promise<void>)[],
  sizeOf: PromptSize,
): Promise<Step> {
  const made = await step.create(setup);
  const { name, type } = step;
  if ('operator' in made) {
    refuseOptions(step);
    return operator(name, made.operator);
  }
  if (made.close) closers.push(made.close);
  const run =
    type === 'module' ? made.run : ours(made.run, (error, flow) => tooBig(error, step, flow, sizeOf));
  const shareable = made.fingerprint?.shareable === true;
  if (step.share && !shareable) throw unshareable(step);
  return {
    ...made,
    ...optionsOf(step),
    kind: 'run',
    name,
    type,
    run: pricing ? priced(run, pricing) : run,
    ...(pricing && { pricing }),
    share: shareable && (step.share ?? setup.share),
  };
}

/** An operator decides by itself when it runs, and how often. */
function refuseOptions(step: ConfigStep): void {
  const fields = Object.keys(optionsOf(step));
  if (fields.length === 0) return;
  const message =
    'its module exports an operator, which has none; make it with step or defineStep, or leave it out';
  throw new ConfigError(fields.map((field) => ({ where: `${step.where}.${field}`, message })));
}

function unshareable({ where, type }: ConfigStep): ConfigError {
  const why =
    type === 'codex' ? 'a codex step that may write' : `a ${type} step, which may look at all of a flow,`;
  return new ConfigError([{ where: `${where}.share`, message: `${why} can't be shared; leave it out` }]);
}

/** When a call has ended, its price is there. */
function priced(run: StepFunction, pricing: LazyPricing): StepFunction {
  return async (flow, context) => {
    const working = run(flow, context);
    const price = pricing.ready();
    try {
      return await working;
    } finally {
      await price;
    }
  };
}

/** An unforeseen error in a built-in step is an internal fault. */
function ours(run: StepFunction, foreseen: (error: unknown, flow: Flow) => StepFailure | null): StepFunction {
  return async (flow, context) => {
    try {
      return await run(flow, context);
    } catch (error) {
      if (error instanceof StepFailure) throw error;
      throw foreseen(error, flow) ?? new StepFailure('internal', messageOf(error), { cause: error });
    }
  };
}

/** Options that the config sets; an undefined one would override the step's own. */
function optionsOf({ timeout, retries, parallel, array }: ConfigStep): StepOptions {
  return {
    ...(timeout !== undefined && { timeout }),
    ...(retries !== undefined && { retries }),
    ...(parallel !== undefined && { parallel }),
    ...(array !== undefined && { array }),
  };
}

/** Characters that one of a text takes in JSON, at most (`\u0000`). */
const AS_JSON = 6;

/**
 * The `input` failure of a flow whose prompt or arguments don't fit into one text; null for another error, or where
 * they can't have been too big.
 */
export function tooBig(
  error: unknown,
  { templates, modelCall }: ConfigStep,
  flow: Flow,
  sizeOf: PromptSize,
): StepFailure | null {
  const size = sizeOf(flow);
  const isTooBig =
    error instanceof TooLong || (isOfTexts(error) && size * AS_JSON > constants.MAX_STRING_LENGTH);
  if (!isTooBig) return null;
  const names = templates.flatMap(({ text }) => placeholders(parse(text)).map(({ name }) => `{{{${name}}}}`));
  const path = byPath(names, flow);
  const what = modelCall ? 'the prompt has' : 'the arguments have';
  const most = `${MOST_RENDERED / 2 ** 20} MiB`;
  return new StepFailure(
    'input',
    `${what} about ${megabytes(size)}, which is too big to be sent (at most ${most})`,
    {
      hint: path === '' ? 'Put in less.' : `Split what is put in, or name the file by ${path}.`,
      cause: error,
    },
  );
}

/** V8 has a longest string. */
function isOfTexts(error: unknown): boolean {
  return error instanceof RangeError && error.message === 'Invalid string length';
}
