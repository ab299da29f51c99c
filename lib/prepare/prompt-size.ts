import type { ConfigStep } from '../config/checked.js';
import type { PromptSize } from '../cost/pricing.js';
import type { Flow } from '../flow/flow.js';
import type { Sizes } from '../inputs/sizes.js';
import { type Placeholder, parse } from '../util/template.js';

/** Paths and names are short. */
const PATH = 40;

/**
 * Estimated by the sizes of the inserted values: no file is read. @param appends the previous output is appended unless
 * it is placed
 */
export function promptSizeOf(
  { templates, modelCall }: ConfigStep,
  appends: boolean,
  sizes: Sizes,
): PromptSize {
  const parts = templates.flatMap(({ text }) => parse(text).parts);
  const words = parts.filter((part) => typeof part === 'string').join('');
  const places = parts.filter((part) => typeof part !== 'string');
  const schema = modelCall?.schema ? JSON.stringify(modelCall.schema) : '';
  const own = words.length + schema.length;
  const appended = appends && !places.some(({ kind }) => kind === 'previous');
  return (flow) => {
    let size = own + (appended ? flow.output.length : 0);
    for (const place of places) size += sizeOf(place, flow, sizes);
    return size;
  };
}

function sizeOf(place: Placeholder, flow: Flow, sizes: Sizes): number {
  switch (place.kind) {
    case 'content':
      return sizes.of(flow, place.key);
    case 'previous':
      return flow.output.length;
    case 'output':
      return flow.outputs[place.step]?.length ?? 0;
    default:
      return PATH;
  }
}
