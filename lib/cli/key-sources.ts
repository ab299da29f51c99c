import { buffer } from 'node:stream/consumers';
import { ConfigError, messageOf } from '../errors.js';
import type { ListSource } from '../inputs/key-source.js';
import { decodeUtf8 } from '../utf8.js';
import type { KeyOption } from './run-options.js';

/** The lists that `--key` names, by name; the text of the one that is `-` is read from stdin. */
export async function keySources(
  keys: readonly KeyOption[],
  stdin: NodeJS.ReadableStream,
): Promise<Record<string, ListSource>> {
  const sources: [string, ListSource][] = [];
  for (const { name, list } of keys) {
    sources.push([name, list === '-' ? { list: 'stdin', text: await readAll(stdin) } : { list }]);
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
