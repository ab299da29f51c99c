import type { Flow } from './flow.js';
import type { Inputs } from './inputs/inputs.js';
import type { Render } from './steps/contract.js';
import { parse, render, type Sources } from './template.js';

export interface RenderOptions {
  readonly inputs: Inputs;
  /** Each interpolated content is followed by a newline and its path. */
  readonly appendFilepath: boolean;
}

/** Where a step runs. */
export interface Whereabouts {
  /** Absolute. */
  readonly folder?: string | undefined;
  /** It runs in the same folder of another checkout. */
  readonly apart?: boolean | undefined;
}

/** A template as it stands. */
export function templateOf(text: string, options: RenderOptions, where: Whereabouts): Render {
  const template = parse(text);
  return (flow) => render(template, sourcesOf(flow, options, where));
}

/** A prompt that is followed by a newline and the previous output, unless it places that itself. */
export function promptOf(text: string, options: RenderOptions, where: Whereabouts): Render {
  const rendered = templateOf(text, options, where);
  if (parse(text).parts.some((part) => typeof part !== 'string' && part.kind === 'previous')) return rendered;
  return (flow, context) => {
    const prompt = rendered(flow, context);
    const append = (start: string) => `${start}\n${flow.output}`;
    return typeof prompt === 'string' ? append(prompt) : prompt.then(append);
  };
}

function sourcesOf(
  flow: Flow,
  { inputs, appendFilepath }: RenderOptions,
  { folder, apart }: Whereabouts,
): Sources {
  return {
    previous: flow.output,
    content: (key) => {
      const content = inputs.content(flow, key);
      const path = appendFilepath ? inputs.path(flow, key) : '';
      if (!path) return content;
      return typeof content === 'string' ? `${content}\n${path}` : content.then((text) => `${text}\n${path}`);
    },
    path: (key) => inputs.path(flow, key, folder, apart),
    file: (key) => inputs.file(flow, key),
    output: (step) => flow.outputs[step] ?? '',
  };
}
