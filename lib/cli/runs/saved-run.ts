import { existsSync } from 'node:fs';
import process from 'node:process';
import * as z from 'zod';
import type { Definition, Definitions } from '../../cache/cache-keys.js';
import type { LoadedConfig } from '../../config/load-config.js';
import { ConfigError } from '../../errors.js';
import type { FlowCounts } from '../../flow/flow.js';
import type { RunPlan } from '../../progress/progress.js';
import { UntrustedRun } from '../../store/errors.js';
import { type Facts, type RunFile, readRunFile } from '../../store/run-file.js';
import { findRun } from '../../store/runs.js';
import { Signer } from '../../store/signer.js';
import { findUserKey } from '../../store/user-key.js';
import { isCredentials, isSecretName, REDACTED } from '../../util/redact.js';
import { isObject } from '../../util/values.js';
import { version } from '../output.js';
import { DEFAULTS, type RunSettings, settings } from '../run/request.js';
import { stateFolder } from '../state-folder.js';
import { type Paths, RunPaths } from './run-paths.js';

const definition = z.object({
  name: z.string(),
  place: z.number(),
  fixed: z.record(z.string(), z.unknown()),
  names: z.array(z.string()),
});

const info = z.object({
  cwd: z.string(),
  settings,
  lists: z.record(z.string(), z.string()),
  definitions: z.record(z.string(), definition).default({}),
  bases: z.record(z.string(), z.string()).default({}),
});

export interface SavedRun extends Pick<SavedFacts, 'lists' | 'definitions'> {
  readonly folder: string;
  /** Null where the user has no key. */
  readonly signer: Signer | null;
  /** Undefined where run.json is missing or unreadable. */
  readonly settings?: RunSettings;
}

/** The request to resume a run. */
export interface Given {
  readonly cwd: string;
  /** Undefined where none was named. */
  readonly config: string | undefined;
  /** The user trusts the run's files. */
  readonly vouched: boolean;
}

/**
 * The run to resume. Rejects with a ConfigError where there is none, or it can't be resumed from here; with an
 * UntrustedRun where the user has neither signed it nor trusts it.
 */
export async function savedRun(
  generated: string,
  meant: string,
  { cwd, config, vouched }: Given,
): Promise<SavedRun> {
  const folder = await findRun(generated, meant);
  const { key, problem } = await findUserKey(stateFolder());
  const signer = key && new Signer(key, folder);
  const file = await readRunFile(folder, signer);
  // Its content is neither loaded nor run before the signature is checked. Without the file the journal's signature
  // decides.
  const isSigned = file ? file.isSigned : signer !== null;
  if (!isSigned && !vouched) throw new UntrustedRun(folder, problem);
  const { data } = info.safeParse(file?.info);
  if (!data) {
    if (config !== undefined) return { folder, signer, lists: {}, definitions: {} };
    throw refusal(`${folder}/run.json is missing or unreadable; pass the config as well`);
  }
  const started = new RunPaths(folder).read(data.cwd);
  // Where that folder no longer exists, the project has moved to here.
  if (started === cwd || !existsSync(started)) return { ...data, folder, signer };
  if (config !== undefined) return { ...data, folder, signer, settings: withoutPaths(data.settings) };
  const message = `the run was started in ${started}, and its paths are relative to that folder; resume it there, or name its config and its keys with --resume to resume it here`;
  throw refusal(message);
}

/** Paths given on the command line are relative to another folder. */
function withoutPaths(settings: RunSettings): RunSettings {
  return { ...settings, keys: [], workdir: DEFAULTS.workdir };
}

function refusal(message: string): ConfigError {
  return new ConfigError([{ where: '--resume', message }]);
}

/** Texts of lists, by the key's name. */
export type ListTexts = Readonly<Record<string, string>>;

/** The part of run.json needed to resume. */
export interface SavedFacts {
  /** The working directory, relative to the run's folder: the paths of the settings lead from there. */
  readonly cwd: string;
  readonly settings: RunSettings;
  /** Texts of lists that can be read only once (stdin, a pipe), by the key's name. */
  readonly lists: ListTexts;
  /** The definitions of the steps, of this session and of earlier ones. */
  readonly definitions: Definitions;
  /** Folders that the paths of the keys lead from, relative to the run's folder, by the key's name. */
  readonly bases: Paths;
}

/** The content of `run.json`; secrets stay out. */
export function infoOf(
  kept: SavedFacts,
  { steps, defaults }: Pick<LoadedConfig, 'steps' | 'defaults'>,
  plan: RunPlan,
): Facts {
  return {
    ...kept,
    definitions: asSaved(kept.definitions),
    startedAt: new Date().toISOString(),
    versions: { orchestrator: version(), node: process.version },
    total: plan.total,
    names: plan.steps,
    config: withoutSecrets({ steps, defaults }),
  };
}

/** As they are found again; secrets stay out. */
export function asSaved(made: Definitions): Definitions {
  const entries = Object.entries(made);
  return Object.fromEntries(
    entries.map(([digest, definition]) => [digest, { ...definition, fixed: found(definition.fixed) }]),
  );
}

function found(fixed: Definition['fixed']): Definition['fixed'] {
  return JSON.parse(JSON.stringify(withoutSecrets(fixed)));
}

const SECRET = new Set(['headers', 'config', 'env']);

/** Values of fields where people put keys are left out, wherever they stand. A resume reads them in the config again. */
function withoutSecrets(value: unknown, field = ''): unknown {
  if (SECRET.has(field)) return redacted(value);
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, field));
  if (typeof value === 'string') return withoutSecret(value, field);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutSecrets(item, name)]));
}

function withoutSecret(value: string, field: string): string {
  if (isSecretName(field) || isCredentials(value)) return REDACTED;
  return /ur[il]$/i.test(field) ? value.replace(/:\/\/.*@/s, `://${REDACTED}@`) : value;
}

/** Names are none, neither of settings nor of variables to pass on. */
function redacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((word) => String(word).replace(/=.*/s, `=${REDACTED}`));
  if (!isObject(value)) return REDACTED;
  return Object.fromEntries(Object.keys(value).map((name) => [name, REDACTED]));
}

const count = z.number();
const counts = z.object({ done: count, failed: count, cancelled: count, dropped: count });
const texts = z.record(z.string(), z.string());

/** As much of `run.json` as it takes; each part may be missing, or be of another version. */
const known = z.object({
  startedAt: z.string().nullable().catch(null),
  settings: z.object({ config: z.string() }).nullable().catch(null),
  total: z.number().nullable().catch(null),
  end: z
    .object({ how: z.string(), flows: counts.nullable().catch(null) })
    .nullable()
    .catch(null),
});

const listed = z.object({
  bases: texts.catch({}),
  end: z.object({ inputs: texts.catch({}) }).catch({ inputs: {} }),
});

const made = z.object({
  definitions: z.record(z.string(), z.object({ fixed: z.object({ array: z.boolean() }) })),
  config: z.object({ steps: z.array(z.object({ type: z.string() })) }),
});

/** The facts of a run's last session. */
export interface RunFacts {
  /** ISO 8601; null where it doesn't tell. */
  readonly startedAt: string | null;
  /** As it was named on the command line. */
  readonly config: string | null;
  /** How many flows there are; null where it is unknown. */
  readonly total: number | null;
  /** How it ended; null where it broke off, or is live. */
  readonly how: string | null;
  /** How its flows ended; null unless it came to the last one of them. */
  readonly flows: FlowCounts | null;
}

export function factsIn(file: RunFile | null): RunFacts {
  const { startedAt, settings, total, end } = known.parse({ ...file?.info, end: file?.end });
  const config = settings?.config ?? null;
  const flows = end?.how === 'completed' ? end.flows : null;
  const isComplete = flows !== null && (total === null || sum(flows) === total);
  return { startedAt, config, total, how: end?.how ?? null, flows: isComplete ? flows : null };
}

/** The files that a session has read. */
export interface ListedFiles {
  /** Absolute folders that the keys' paths lead from, by the key's name. */
  readonly bases: Paths;
  /** SHA-256 of their contents, by absolute path. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** @param paths of the run's folder */
export function filesIn(file: RunFile | null, paths: RunPaths): ListedFiles {
  const { bases, end } = listed.parse({ ...file?.info, end: file?.end });
  const folders = Object.entries(bases).map(([key, folder]) => [key, paths.read(folder)]);
  const inputs = Object.entries(end.inputs).map(([path, sha256]) => [paths.read(path), sha256]);
  return { bases: Object.fromEntries(folders), inputs: Object.fromEntries(inputs) };
}

/** True if flows may have several branches, by the current and the earlier steps. */
export function mayBranch(file: RunFile | null): boolean {
  const { data } = made.safeParse(file?.info);
  if (!data) return true;
  const { definitions, config } = data;
  const lists = Object.values(definitions).some(({ fixed }) => fixed.array);
  return lists || config.steps.some(({ type }) => type === 'module');
}

function sum(counts: FlowCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
