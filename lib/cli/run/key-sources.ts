import { buffer } from 'node:stream/consumers';
import { ConfigError, messageOf } from '../../errors.js';
import type { ListSource } from '../../inputs/key-source.js';
import { decodeUtf8 } from '../../utf8.js';
import type { KeyOption } from '../commands/option-check.js';

/**
 * The lists that `--key` names, by name; the text of the one that is `-` is read from stdin, unless it is known.
 *
 * @param known texts of lists that came from stdin before
 */
export async function keySources(
  keys: readonly KeyOption[],
  stdin: NodeJS.ReadableStream,
  known: Readonly<Record<string, string>> = {},
): Promise<Record<string, ListSource>> {
  const sources: [string, ListSource][] = [];
  for (const { name, list } of keys) {
    const text = list === '-' ? (known[name] ?? (await readAll(stdin))) : undefined;
    sources.push([name, text === undefined ? { list } : { list: 'stdin', text }]);
  }
  return Object.fromEntries(sources);
}

async function readAll(stdin: NodeJS.ReadableStream): Promise<string> {
  try {
    return decodeUtf8(await buffer(stdin));
  } catch (error) {
    throw new ConfigError([{ where: 'stdin', message: messageOf(error) }]);
  }
}
