import { resolve } from 'node:path';
import type { EndedFlow } from '../../store/ended-flows.js';
import type { ListedFiles } from './run-facts.js';

/** Whether all files of a flow are listed (as those of a complete sitting), and hold what they did. */
export function isCurrent({ inputs }: EndedFlow, { bases, inputs: hashes }: ListedFiles): boolean {
  const keys = Object.keys(bases);
  return (
    Object.keys(inputs).length === keys.length &&
    keys.every((key) => {
      const { path = null, sha256 } = inputs[key] ?? {};
      return path !== null && (hashes[resolve(bases[key] ?? '', path)] ?? null) === sha256;
    })
  );
}
