import { join } from 'node:path';
import { readBounded } from '../../../files/bounded-file.js';
import { isObject } from '../../../util/values.js';
import type { Settings } from '../config.js';

/** Of config.toml: more is none that a person has written. */
const MOST_BYTES = 4 * 2 ** 20;

type Table = Readonly<Record<string, unknown>>;

/** Settings of a step as codex takes them on its command line: `key=value`, the value in TOML. */
export function wordsOf(settings: Settings = {}): readonly string[] {
  if (Array.isArray(settings)) return settings;
  return Object.entries(settings).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
}

/** The content of config.toml. An unreadable file counts as empty: codex itself reports what is wrong with it. */
export async function settingsIn(home: string): Promise<Table> {
  const text = await readBounded(join(home, 'config.toml'), MOST_BYTES).then(String, () => '');
  return parsed(text);
}

/** One table of a step's own settings. */
export async function tableIn(settings: Settings | undefined, name: string): Promise<Table> {
  const tables = await Promise.all(wordsOf(settings).map(parsed));
  return Object.assign({}, ...tables.map((table) => table[name]).filter(isObject));
}

async function parsed(text: string): Promise<Table> {
  const { parse } = await import('smol-toml');
  try {
    return parse(text);
  } catch {
    return {};
  }
}
