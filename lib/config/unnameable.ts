import type { Issue } from '../errors.js';
import { isIdentifier } from '../util/template.js';
import type { CheckedStep } from './checked.js';

/** Names of earlier steps that no placeholder can hold, like `my step`. */
export function unnameable(steps: readonly CheckedStep[], index: number): string[] {
  const earlier = steps.slice(0, index).map(({ name }) => name);
  return [...new Set(earlier)].filter((name) => !isIdentifier(name));
}

/** Such a name in a placeholder would be plain text, and the model would see it: seldom meant. */
export function unnameableIssues(steps: readonly CheckedStep[]): Issue[] {
  return steps.flatMap(({ where, templates }, index) =>
    templates.flatMap(({ field, text }) => {
      const unescaped = text.replaceAll('\\{{{', '');
      const found = unnameable(steps, index).filter((name) => unescaped.includes(`{{{steps.${name}}}}`));
      return found.map((name) => ({ where: `${where}.${field}`, message: messageFor(name) }));
    }),
  );
}

function messageFor(name: string): string {
  const rule = 'letters, digits, _ and - only; give that step another name';
  return `{{{steps.${name}}}} cannot refer to "${name}": ${rule}`;
}
