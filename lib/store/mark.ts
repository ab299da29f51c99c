import type { Input } from '../flow/flow.js';
import { hashOf } from './offset-table.js';

/**
 * 32 bits of what a flow is made from: its keys' names with the paths, as listed, or with the hashes of values. Made
 * before any content is read, it tells at once and nearly for certain whether an earlier attempt had the same flow.
 */
export function markOf(inputs: Iterable<readonly [name: string, Pick<Input, 'path' | 'sha256'>]>): number {
  let sum = 0;
  // A sum, since the order of the keys doesn't matter.
  for (const [name, { path, sha256 }] of inputs) sum += hashOf(`${name}\0${path ?? sha256 ?? ''}`);
  return sum >>> 0;
}
