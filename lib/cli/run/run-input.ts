import { type LoadedConfig, loadConfig } from '../../config/load-config.js';
import { ConfigError, type Issue } from '../../errors.js';
import { surroundings } from '../../processes/run-process.js';
import type { UncheckedOptions } from '../../run-options.js';
import type { KeyOption } from '../commands/option-check.js';
import type { Given, KeptRun } from '../runs/saved-run.js';
import { KeySources, type Lists, type ListTexts } from './key-sources.js';
import { DEFAULTS, type RunRequest, type RunSettings } from './request.js';

/** What a run is given, from the command line, the config and the run that it goes on with. */
export interface RunInput {
  readonly settings: RunSettings;
  readonly config: LoadedConfig;
  /** Texts of lists that can be read only once. */
  readonly lists: ListTexts;
  /** The run to go on with. */
  readonly kept: KeptRun | null;
  readonly options: UncheckedOptions;
}

/** Puts it together. Throws a ConfigError only where there is nothing to go on with. */
export async function runInput(request: RunRequest, stdin: NodeJS.ReadableStream): Promise<RunInput> {
  const { cwd } = surroundings();
  const { resume, generated, trustRun: vouched } = request;
  const kept =
    resume === undefined
      ? null
      : await found(generated, resume, { cwd, config: request.settings.config, vouched });
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

async function found(generated: string, meant: string, given: Given): Promise<KeptRun> {
  // Most runs begin anew: they don't wait for what reads the others.
  const { keptRun } = await import('../runs/saved-run.js');
  return keptRun(generated, meant, given);
}

/** What was given now holds before what the run was started with. */
function settingsOf({ settings }: RunRequest, kept: KeptRun | null): RunSettings {
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

/** What was read before of keys that aren't given now. */
function withoutThose(texts: ListTexts, given: readonly KeyOption[] = []): ListTexts {
  const names = new Set(given.map(({ name }) => name));
  return Object.fromEntries(Object.entries(texts).filter(([name]) => !names.has(name)));
}

function textsIn(lists: Lists): ListTexts {
  return Object.fromEntries(
    Object.entries(lists).flatMap(([name, { text }]) => (text === undefined ? [] : [[name, text]])),
  );
}

/** Made-up results among those that were paid for would be told from them by nobody. */
function mixIssues({ settings: { simulate } }: RunRequest, kept: KeptRun | null): Issue[] {
  if (!simulate || !kept?.settings || kept.settings.simulate) return [];
  const message = `${kept.folder} isn't simulated, and made-up results would stand among its own; rehearse in a run of its own`;
  return [{ where: '--simulate', message }];
}

/** What is gone on with is kept where it was. */
function journalIssues({ resume, journal }: RunRequest): Issue[] {
  if (resume === undefined || journal) return [];
  const message = 'a resume keeps its results with those of its run; leave it out, or begin a new run';
  return [{ where: '--no-journal', message }];
}

/** Only codex leaves a final message file. */
function printIssues({ view }: RunRequest, { steps }: LoadedConfig): Issue[] {
  const last = steps.at(-1);
  if (view.print !== 'path' || last === undefined) return [];
  if (typeof last === 'object' && last !== null && 'type' in last && last.type === 'codex') return [];
  const message =
    'only a codex step leaves a final message file, and the last step is none; use --print output';
  return [{ where: '--print path', message }];
}
