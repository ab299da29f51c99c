import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError, messageOf } from '../../errors.js';
import { isOfProcess, readStream, streamOf } from '../../files/bounded-file.js';
import type { ListSource } from '../../inputs/key-source.js';
import { MOST_LIST_BYTES } from '../../inputs/list.js';
import { decodeUtf8 } from '../../util/utf8.js';

/** The lists of keys, by the key's name. */
export type Lists = Readonly<Record<string, ListSource>>;

/** Texts of lists, by the key's name. */
export type ListTexts = Readonly<Record<string, string>>;

export interface KeySourcesOptions {
  readonly lists: Lists;
  /** Names of the keys whose list is stdin. */
  readonly fromStdin: ReadonlySet<string>;
  /** Absolute; paths of lists resolve against it. */
  readonly cwd: string;
  /** Texts of such lists that an earlier session has read, and that weren't given anew. */
  readonly known: ListTexts;
}

/** Reads the lists that can be read only once: stdin, what a shell substitutes (`<(ls)`), a named pipe. */
export class KeySources {
  readonly #options: KeySourcesOptions;

  constructor(options: KeySourcesOptions) {
    this.#options = options;
  }

  /** Whether `read` has anything to read: that may wait for another process. */
  async areStreams(): Promise<boolean> {
    const { lists } = this.#options;
    const streams = Object.entries(lists).map(([name, { list }]) => this.#isUnreadStream(name, list));
    return (await Promise.all(streams)).includes(true);
  }

  /** The lists, with the texts of those that can't be read again. Rejects with a ConfigError. */
  async read(stdin: NodeJS.ReadableStream): Promise<Lists> {
    const { lists, fromStdin } = this.#options;
    const read: [string, ListSource][] = [];
    for (const [name, source] of Object.entries(lists)) {
      const text = await this.#textOf(name, source.list, stdin);
      const list = fromStdin.has(name) ? 'stdin' : source.list;
      read.push([name, text === undefined ? source : { ...source, list, text }]);
    }
    return Object.fromEntries(read);
  }

  /** Undefined for a file, which is read when the run is checked. */
  async #textOf(name: string, list: string, stdin: NodeJS.ReadableStream): Promise<string | undefined> {
    const { fromStdin, known } = this.#options;
    if (!(await this.#isUnreadStream(name, list)))
      return (await this.#isFile(list)) ? undefined : known[name];
    if (fromStdin.has(name)) return readAll('stdin', stdin);
    const file = this.#path(list);
    return readAll(list, streamOf(file, await stat(file)));
  }

  async #isUnreadStream(name: string, list: string): Promise<boolean> {
    const { fromStdin, known } = this.#options;
    if (known[name] !== undefined) return false;
    return fromStdin.has(name) || (await this.#isStream(list));
  }

  async #isStream(list: string): Promise<boolean> {
    const stats = await this.#statsOf(list);
    if (!stats || stats.isDirectory()) return false;
    return !stats.isFile() || isOfProcess(this.#path(list));
  }

  async #isFile(list: string): Promise<boolean> {
    const stats = await this.#statsOf(list);
    return stats?.isFile() === true && !isOfProcess(this.#path(list));
  }

  /** Null where there is none: what is wrong with the list is told when the run is checked. */
  #statsOf(list: string) {
    return stat(this.#path(list)).catch(() => null);
  }

  #path(list: string): string {
    return resolve(this.#options.cwd, list);
  }
}

async function readAll(list: string, stream: NodeJS.ReadableStream): Promise<string> {
  try {
    return decodeUtf8(await readStream(stream, MOST_LIST_BYTES));
  } catch (error) {
    throw new ConfigError([{ where: list, message: messageOf(error) }]);
  }
}
