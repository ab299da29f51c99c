import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type LoadedConfig, loadConfig } from '../../config/load-config.js';
import { ConfigError, type Issue, messageOf } from '../../errors.js';
import { isOfProcess, readStream, streamOf } from '../../files/bounded-file.js';
import type { ListSource } from '../../inputs/key-source.js';
import { MOST_LIST_BYTES } from '../../inputs/list.js';
import { currentProcess } from '../../processes/run-process.js';
import type { UncheckedOptions } from '../../run-options.js';
import { decodeUtf8 } from '../../util/utf8.js';
import type { KeyOption } from '../commands/option-check.js';
import { type ListTexts, type SavedRun, savedRun } from '../runs/saved-run.js';
import { DEFAULTS, type RunRequest, type RunSettings } from './request.js';

/** The input of a run, from the command line, the config and the run that it resumes. */
export interface RunInput {
  readonly settings: RunSettings;
  readonly config: LoadedConfig;
  /** Texts of lists that can be read only once. */
  readonly lists: ListTexts;
  /** The run to go on with. */
  readonly kept: SavedRun | null;
  readonly options: UncheckedOptions;
}

/** Puts it together. Throws a ConfigError only where there is nothing to go on with. */
export async function runInput(request: RunRequest, stdin: NodeJS.ReadableStream): Promise<RunInput> {
  const { cwd } = currentProcess();
  const { resume, generated, trustRun: vouched } = request;
  const kept =
    resume === undefined
      ? null
      : await savedRun(generated, resume, { cwd, config: request.settings.config, vouched });
  const settings = settingsOf(request, kept);
  const config = await configOf(settings.config, cwd);
  const issues = [
    ...request.issues,
    ...config.issues,
    ...printIssues(request, config),
    ...mixIssues(request, kept),
    ...journalIssues(request),
  ];
  // A key of the command line replaces the config's of that name, in its place.
  const lists = { ...config.keys, ...listsOf(settings.keys) };
  const fromStdin = new Set(settings.keys.filter(({ list }) => list === '-').map(({ name }) => name));
  const known = withoutThose(kept?.lists ?? {}, request.settings.keys);
  const sources = new KeySources({ lists, fromStdin, cwd, known });
  // A run that can't start doesn't wait for its stdin.
  if (issues.length > 0 && (await sources.areStreams())) throw new ConfigError(await config.locate(issues));
  const keys = await sources.read(stdin);
  const { config: _, keys: __, ...options } = settings;
  return {
    settings,
    config,
    lists: textsIn(keys),
    kept,
    options: {
      ...options,
      steps: config.steps,
      keys,
      defaults: config.defaults,
      folder: config.folder,
      issues,
      brokenKeys: [...request.brokenKeys, ...config.brokenKeys],
      locate: config.locate,
      ...(kept && { before: kept.definitions }),
      generated,
      // A lane of the command line replaces the config's of that name.
      lanes: { ...config.lanes, ...settings.lanes },
      prices: config.prices,
    },
  };
}

/** Given settings override those that the run was started with. */
function settingsOf({ settings }: RunRequest, kept: SavedRun | null): RunSettings {
  const before = kept?.settings;
  const { config = before?.config ?? '' } = settings;
  const keys = [...(before?.keys ?? []), ...(settings.keys ?? [])];
  const lanes = { ...before?.lanes, ...settings.lanes };
  return { ...DEFAULTS, ...before, ...settings, config, keys: lastOfEachName(keys), lanes };
}

/** In the place of the first of that name. */
function lastOfEachName(keys: readonly KeyOption[]): KeyOption[] {
  return [...new Map(keys.map((key) => [key.name, key])).values()];
}

/** The config; one that can't be used has no steps and its mistakes, so that the lists' mistakes are found, too. */
async function configOf(file: string, cwd: string): Promise<LoadedConfig> {
  try {
    return await loadConfig(file, cwd);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return {
      file,
      folder: cwd,
      steps: [],
      keys: {},
      brokenKeys: [],
      defaults: undefined,
      lanes: {},
      prices: {},
      issues: error.issues,
      locate: async (issues) => issues,
    };
  }
}

function listsOf(keys: readonly KeyOption[]): Lists {
  return Object.fromEntries(keys.map(({ name, list }) => [name, { list }]));
}

/** The stored texts of lists, without those of keys that are given now. */
function withoutThose(texts: ListTexts, given: readonly KeyOption[] = []): ListTexts {
  const names = new Set(given.map(({ name }) => name));
  return Object.fromEntries(Object.entries(texts).filter(([name]) => !names.has(name)));
}

function textsIn(lists: Lists): ListTexts {
  return Object.fromEntries(
    Object.entries(lists).flatMap(([name, { text }]) => (text === undefined ? [] : [[name, text]])),
  );
}

/** Simulated and real results couldn't be told apart. */
function mixIssues({ settings: { simulate } }: RunRequest, kept: SavedRun | null): Issue[] {
  if (!simulate || !kept?.settings || kept.settings.simulate) return [];
  const message = `${kept.folder} isn't simulated: simulated results couldn't be told apart from its own; start a new run`;
  return [{ where: '--simulate', message }];
}

/** A resume stores its results in the run's journal. */
function journalIssues({ resume, journal }: RunRequest): Issue[] {
  if (resume === undefined || journal) return [];
  const message = 'a resume adds its results to those of the run; leave it out, or start a new run';
  return [{ where: '--no-journal', message }];
}

/** Only codex leaves a final message file. */
function printIssues({ view }: RunRequest, { steps }: LoadedConfig): Issue[] {
  const last = steps.at(-1);
  if (view.print !== 'path' || last === undefined) return [];
  if (typeof last === 'object' && last !== null && 'type' in last && last.type === 'codex') return [];
  const message =
    "only a codex step leaves a final message file, and the last step isn't one; use --print output";
  return [{ where: '--print path', message }];
}

/** The lists of keys, by the key's name. */
export type Lists = Readonly<Record<string, ListSource>>;

export interface KeySourcesOptions {
  readonly lists: Lists;
  /** Names of the keys whose list is stdin. */
  readonly fromStdin: ReadonlySet<string>;
  /** Absolute; paths of lists resolve against it. */
  readonly cwd: string;
  /** Texts of such lists that an earlier session has read, and that weren't given anew. */
  readonly known: ListTexts;
}

/** Reads the lists that can be read only once: stdin, a process substitution (`<(ls)`), a named pipe. */
export class KeySources {
  readonly #options: KeySourcesOptions;

  constructor(options: KeySourcesOptions) {
    this.#options = options;
  }

  /** True if `read` would read a stream: that may wait for another process. */
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

  /** Null without a file: the check of the run reports mistakes of the list. */
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
