import { type Placeholder, parse, placeholders } from '../util/template.js';

/** Two or three braces around a name, and spaces within; none where `\` says that it is meant as it stands. */
const NEAR = /(?<![\\{])\{{2,3}\s*([A-Za-z_][\w-]*)((?:\.[A-Za-z_][\w-]*)?)\s*\}{2,3}(?!\})/g;

/** Plain text that would be a placeholder but for a brace or a space. */
export interface NearPlaceholder {
  readonly written: string;
  readonly meant: Placeholder;
}

export function nearPlaceholders(text: string): NearPlaceholder[] {
  return [...text.matchAll(NEAR)].flatMap(([written, name = '', rest = '']) => {
    const right = `{{{${name}${rest}}}}`;
    return written === right ? [] : placeholders(parse(right)).map((meant) => ({ written, meant }));
  });
}

/** Says how to write the placeholder, and how the text that stands there now. */
export function nearMessage({ written, meant }: NearPlaceholder): string {
  const literal = `\\${written}`;
  return `${written} is plain text; the placeholder is {{{${meant.name}}}}, and the text itself is written ${literal} (in double quotes \\${literal})`;
}
