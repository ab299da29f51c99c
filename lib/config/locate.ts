import type { ParsedNode } from 'yaml';
import type { Issue } from '../errors.js';
import { at, yamlDocument } from './parse-text.js';

/** `steps[1].cmd[2]` as `steps`, `1`, `cmd`, `2`. */
const NAMES = /[^.[\]]+/g;

/**
 * Puts before the mistakes in a config where they stand in its file: `review.yaml:7:5: steps[1].prompt`, or the nearest
 * thing around it that is there. Those that aren't in it stay as they are.
 *
 * @param text that of the file, valid JSON or YAML
 */
export async function located(
  issues: readonly Issue[],
  file: string,
  text: string,
): Promise<readonly Issue[]> {
  const { isAlias, isMap, isScalar, isSeq } = await import('yaml');
  const { document, lineCounter } = await yamlDocument(text);
  return issues.map(({ where, message }) => {
    const position = positionOf(where.match(NAMES) ?? []);
    if (position === undefined) return { where, message };
    return { where: `${at(file, lineCounter.linePos(position))}: ${where}`, message };
  });

  /** Undefined where the first of several names isn't in the config: `keys.txt` is a file, not the config's `keys`. */
  function positionOf(names: readonly string[]): number | undefined {
    let node: unknown = document.contents;
    let position: number | undefined;
    let found = isSeq(node) && names[0] === 'steps' ? 1 : 0; // a bare list is that of the steps
    for (const name of names.slice(found)) {
      const next = inside(isAlias(node) ? node.resolve(document) : node, name);
      if (!next) break;
      [position, node] = next;
      found++;
    }
    return found > 1 || found === names.length ? position : undefined;
  }

  function inside(node: unknown, name: string): [position: number | undefined, node: unknown] | undefined {
    if (isSeq<ParsedNode>(node)) {
      const item = node.items[Number(name)];
      return item && [item.range[0], item];
    }
    if (!isMap<ParsedNode, ParsedNode | null>(node)) return undefined;
    const pair = node.items.find(({ key }) => isScalar(key) && key.value === name);
    return pair && [pair.key.range[0], pair.value];
  }
}
