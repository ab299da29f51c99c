import type { Flow } from '../flow/flow.js';
import { parse, placeholders } from '../util/template.js';

/**
 * How the contents that a step puts in are named by their paths instead: `{{{doc.path}}}`, several joined by "or".
 * Empty where the flow puts in no content of a file.
 *
 * @param names of the inserted values, as the config writes them: `{{{doc}}}`
 */
export function byPath(names: readonly string[], { inputs }: Flow): string {
  const paths = placeholders(parse(names.join(' '))).flatMap((placeholder) =>
    placeholder.kind === 'content' && inputs[placeholder.key]?.path != null
      ? [`{{{${placeholder.key}.path}}}`]
      : [],
  );
  return [...new Set(paths)].join(' or ');
}
