import { constants } from 'node:buffer';
import type { ConfigStep } from '../config/checked.js';
import type { PromptSize } from '../cost/pricing.js';
import { StepFailure } from '../errors.js';
import type { Flow } from '../flow/flow.js';
import { byPath } from '../steps/by-path.js';
import { MOST_RENDERED, parse, placeholders, TooLong } from '../util/template.js';
import { megabytes } from '../util/utf8.js';

/** Characters that one of a text takes in JSON, at most (`\u0000`). */
const AS_JSON = 6;

/**
 * The `input` failure of a flow whose prompt or arguments don't fit into one text; null where the error is another one, or
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
