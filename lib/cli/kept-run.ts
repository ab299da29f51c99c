import process from 'node:process';
import * as z from 'zod';
import { isObject } from '../config/is-object.js';
import type { LoadedConfig } from '../config/load-config.js';
import { ConfigError } from '../errors.js';
import type { Definitions } from '../keys.js';
import { ON_LIMIT } from '../on-limit.js';
import type { RunPlan } from '../progress.js';
import { findRun } from '../store/find-run.js';
import { type Facts, readRunFile } from '../store/run-file.js';
import type { RunSettings } from './request.js';
import { version } from './version.js';

const key = z.object({ name: z.string(), list: z.string() });

const count = z.number().optional();

const settings = z.object({
  config: z.string(),
  parallel: z.number(),
  keys: z.array(key),
  workdir: z.string(),
  timeout: z.number().optional(),
  appendFilepath: z.boolean(),
  share: z.boolean(),
  maxFailures: z.union([z.number(), z.templateLiteral([z.number(), '%'])]).optional(),
  lanes: z.record(z.string(), z.object({ concurrency: count, rpm: count, tpm: count })).optional(),
  maxWait: z.number().optional(),
  maxCost: z.number().optional(),
  maxTokens: z.number().optional(),
  onLimit: z.enum(ON_LIMIT).optional(),
  allowDirty: z.boolean(),
  allowSharedWorkdir: z.boolean(),
  allowDanger: z.boolean(),
  simulate: z.union([z.boolean(), z.object({ latency: z.number().optional(), fail: z.number().optional() })]),
});

const definition = z.object({
  name: z.string(),
  place: z.number(),
  fixed: z.record(z.string(), z.unknown()),
  names: z.array(z.string()),
});

const definitions = z.record(z.string(), definition);

const info = z.object({
  cwd: z.string(),
  settings,
  stdin: z.record(z.string(), z.string()),
  definitions: definitions.default({}),
  bases: z.record(z.string(), z.string()).default({}),
});

/** What `run.json` keeps so that a run can be gone on with. */
export interface KeptFacts {
  /** The working directory: relative paths lead from there. */
  readonly cwd: string;
  readonly settings: RunSettings;
  /** Texts of lists that came from stdin, by the key's name. */
  readonly stdin: Readonly<Record<string, string>>;
  /** What the steps are made of, and were in earlier sittings. */
  readonly definitions: Definitions;
  /** Absolute folders that the paths of the keys lead from, by the key's name. */
  readonly bases: Readonly<Record<string, string>>;
}

export interface KeptRun extends KeptFacts {
  readonly folder: string;
}

/** The run that is meant. Rejects with a ConfigError where there is none, or it can't be gone on with from here. */
export async function keptRun(generated: string, meant: string, cwd: string): Promise<KeptRun> {
  const folder = await findRun(generated, meant);
  const file = await readRunFile(folder);
  const { data } = info.safeParse(file?.info);
  if (!data)
    throw refusal(`${folder} doesn't say how it was started; name its config: that starts a new run`);
  if (data.cwd === cwd) return { ...data, folder };
  throw refusal(`the run was started in ${data.cwd}, where its paths lead from; go there to resume it`);
}

/** What is written to `run.json`; secrets stay out. */
export function infoOf(
  kept: KeptFacts,
  { steps, defaults }: Pick<LoadedConfig, 'steps' | 'defaults'>,
  plan: RunPlan,
): Facts {
  return {
    ...kept,
    definitions: asKept(kept.definitions),
    startedAt: new Date().toISOString(),
    versions: { orchestrator: version(), node: process.version },
    total: plan.total,
    names: plan.steps,
    config: withoutSecrets({ steps, defaults }),
  };
}

/** As they are found again; secrets stay out. */
export function asKept(made: Definitions): Definitions {
  return definitions.parse(JSON.parse(JSON.stringify(withoutSecrets(made))));
}

const SECRET = new Set(['headers', 'config', 'env']);

/** Values of fields where people put keys are left out, wherever they stand. */
function withoutSecrets(value: unknown, field = ''): unknown {
  if (SECRET.has(field)) return redacted(value);
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutSecrets(item, name)]));
}

/** Names of variables to pass on are none. */
function redacted(value: unknown): unknown {
  if (!isObject(value)) return Array.isArray(value) ? value : '[redacted]';
  return Object.fromEntries(Object.keys(value).map((name) => [name, '[redacted]']));
}

function refusal(message: string): ConfigError {
  return new ConfigError([{ where: '--resume', message }]);
}
