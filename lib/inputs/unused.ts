import type { Issue } from '../errors.js';
import type { Key } from './key.js';

/** A key that no step uses still multiplies the flows: seldom meant, and dear. */
export function unusedWarnings(unused: readonly string[], keys: readonly Key[]): Issue[] {
  return keys
    .filter(({ name }) => unused.includes(name))
    .map(({ name, count }) => {
      const times = count === null ? 'by the number of its values' : `by ${count}`;
      return { where: `key ${name}`, message: `no step uses it, yet it multiplies the flows ${times}` };
    });
}
