import process from 'node:process';
import type { Definition, Definitions } from '../../cache/cache-keys.js';
import type { LoadedConfig } from '../../config/load-config.js';
import type { RunPlan } from '../../progress/progress.js';
import type { Facts } from '../../store/run-file.js';
import { isCredentials, isSecretName, REDACTED } from '../../util/redact.js';
import { isObject } from '../../util/values.js';
import type { ListTexts } from '../run/key-sources.js';
import type { RunSettings } from '../run/request.js';
import { version } from '../version.js';
import type { Paths } from './run-paths.js';

/** What `run.json` keeps so that a run can be gone on with. */
export interface KeptFacts {
  /** The working directory, relative to the run's folder: the paths of the settings lead from there. */
  readonly cwd: string;
  readonly settings: RunSettings;
  /** Texts of lists that can be read only once (stdin, a pipe), by the key's name. */
  readonly lists: ListTexts;
  /** What the steps are made of, and were in earlier sittings. */
  readonly definitions: Definitions;
  /** Folders that the paths of the keys lead from, relative to the run's folder, by the key's name. */
  readonly bases: Paths;
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
