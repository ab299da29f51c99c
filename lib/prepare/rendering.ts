import type { Flow } from '../flow/flow.js';
import type { Inputs } from '../inputs/inputs.js';
import { partOf } from '../step/fingerprint.js';
import type { StepContext } from '../step/step.js';
import type { Render } from '../steps/contract.js';
import { joined, type Placeholder, parse, placeholders, render, type Sources } from '../util/template.js';

export interface RenderOptions {
  readonly inputs: Inputs;
  /** Each interpolated content is followed by a newline and its path. */
  readonly appendFilepath: boolean;
}

/** Where a step runs. */
export interface RunLocation {
  /** Absolute. */
  readonly folder?: string | undefined;
  /** It runs in the same folder of another checkout. */
  readonly apart?: boolean | undefined;
}

/** A template as it stands. */
export function templateOf(text: string, options: RenderOptions, where: RunLocation): Render {
  const template = parse(text);
  const places = placeholders(template);
  const words = template.parts.map((part) => (typeof part === 'string' ? part : null));
  return Object.assign((flow: Flow) => render(template, sourcesOf(flow, options, where)), {
    words,
    names: places.map(({ name }) => `{{{${name}}}}`),
    inserts: (flow: Flow) => places.map((place) => insertOf(place, flow, options, where)),
  });
}

/** A prompt that is followed by a newline and the previous output, unless it places that itself. */
export function promptOf(text: string, options: RenderOptions, where: RunLocation): Render {
  const rendered = templateOf(text, options, where);
  if (placeholders(parse(text)).some(({ kind }) => kind === 'previous')) return rendered;
  const append = (flow: Flow, context: StepContext) => {
    const prompt = rendered(flow, context);
    const append = (start: string) => joined(`${start}\n`, flow.output);
    return typeof prompt === 'string' ? append(prompt) : prompt.then(append);
  };
  return Object.assign(append, {
    words: [...rendered.words, '\n', null],
    names: [...rendered.names, '{{{previous}}}'],
    inserts: (flow: Flow) => [...rendered.inserts(flow), partOf(flow.output)],
  });
}

/** Fingerprint of the value substituted for a placeholder. */
function insertOf(
  place: Placeholder,
  flow: Flow,
  { inputs, appendFilepath }: RenderOptions,
  { folder, apart }: RunLocation,
): string {
  switch (place.kind) {
    case 'content': {
      const sha256 = flow.inputs[place.key]?.sha256 ?? '';
      return appendFilepath ? `${sha256} ${inputs.path(flow, place.key)}` : sha256;
    }
    // A step that gets the path will read the file.
    case 'path':
      return `${flow.inputs[place.key]?.sha256 ?? ''} ${inputs.path(flow, place.key, folder, apart)}`;
    case 'file':
      return inputs.file(flow, place.key, folder);
    case 'previous':
      return partOf(flow.output);
    case 'output':
      return partOf(flow.outputs[place.step] ?? '');
    case 'unknown':
      return '';
  }
}

function sourcesOf(
  flow: Flow,
  { inputs, appendFilepath }: RenderOptions,
  { folder, apart }: RunLocation,
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
    file: (key) => inputs.file(flow, key, folder),
    output: (step) => flow.outputs[step] ?? '',
  };
}
