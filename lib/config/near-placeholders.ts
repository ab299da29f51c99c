import type { Issue } from '../errors.js';
import type { CheckedStep, CheckOptions } from './checked.js';

/** Two or three braces around a name, and spaces within; none where `\` says that it is meant as it stands. */
const NEAR = /(?<![\\{])\{{2,3}\s*([A-Za-z_][\w-]*)((?:\.[A-Za-z_][\w-]*)?)\s*\}{2,3}(?!\})/g;

/** Warns of what is plain text, but for a brace or a space would be a placeholder. */
export function nearPlaceholders(steps: readonly CheckedStep[], keys: CheckOptions['keys']): Issue[] {
  const names = [...keys.map(({ name }) => name), 'previous', 'steps'];
  return steps.flatMap(({ where, templates }) =>
    templates.flatMap(({ field, text }) =>
      [...text.matchAll(NEAR)].flatMap(([written, name = '', rest = '']): Issue[] => {
        const meant = `{{{${name}${rest}}}}`;
        if (written === meant || !names.includes(name)) return [];
        return [
          { where: `${where}.${field}`, message: `${written} is plain text; a placeholder is ${meant}` },
        ];
      }),
    ),
  );
}
