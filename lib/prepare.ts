import { resolve } from 'node:path';
import type { CheckedSteps } from './config/check-steps.js';
import type { ReadInput } from './engine.js';
import type { Issue } from './errors.js';
import { Contents } from './inputs/contents.js';
import { type Identify, identifier } from './inputs/identity.js';
import { Inputs } from './inputs/inputs.js';
import type { Key } from './inputs/key.js';
import { loadKeys } from './inputs/load-keys.js';
import { type Combination, product, productSize } from './inputs/product.js';
import { makeSteps } from './make-steps.js';
import { surroundings } from './processes.js';
import { assertNone, optionIssues, type UncheckedOptions } from './run-options.js';
import type { Step } from './step.js';

/** A run that was checked, and could start now. */
export interface Prepared {
  readonly steps: readonly Step[];
  readonly parallel: number;
  readonly combinations: Iterable<Combination>;
  /** How many flows there will be; null where nobody knows. */
  readonly total: number | null;
  readonly identify: Identify;
  readonly read: ReadInput;
  /** Names of the steps whose output a later template asks for. */
  readonly kept: ReadonlySet<string>;
  /** Frees what the steps hold; after the last record, once or more. */
  close(): Promise<void>;
}

const PARALLEL = 4;

/** Checks all that can be checked before the first call. Rejects with a ConfigError that names every mistake. */
export async function prepare(options: UncheckedOptions): Promise<Prepared> {
  assertNone(optionIssues(options));
  const parallel = options.parallel ?? PARALLEL;
  const { cwd, env } = surroundings();
  const { keys, checked } = await check(options, cwd);
  const contents = new Contents();
  const inputs = new Inputs(keys, contents);
  const { steps, close } = await makeSteps(checked.steps, options, {
    cwd,
    env: options.env ?? env,
    parallel,
    inputs,
  });
  const place = steps[0] ?? null;
  return {
    steps,
    parallel,
    combinations: { [Symbol.iterator]: () => product(keys) },
    total: productSize(keys),
    identify: identifier({ keys, contents, wanted: checked.contents, place }),
    read: (flow, key) => inputs.content(flow, key),
    kept: checked.kept,
    close,
  };
}

/** The lists and the steps; the mistakes in both are reported together. */
async function check(
  options: UncheckedOptions,
  cwd: string,
): Promise<{ keys: readonly Key[]; checked: CheckedSteps }> {
  const { checkSteps } = await import('./config/check-steps.js');
  const { stepTypes } = await import('./steps/index.js');
  const loaded = await loadKeys(options.keys ?? {}, cwd);
  const checked = await checkSteps(options.steps, {
    types: stepTypes,
    keys: loaded.known,
    folder: resolve(cwd, options.folder ?? '.'),
    defaults: options.defaults,
  });
  assertNone([...(options.issues ?? []), ...checked.issues, ...loaded.issues]);
  notify(options, [...loaded.warnings, ...unusedWarnings(checked.unused, loaded.keys)]);
  return { keys: loaded.keys, checked };
}

/** A key that nothing asks for is most likely a mistake, and it multiplies the bill. */
function unusedWarnings(unused: readonly string[], keys: readonly Key[]): Issue[] {
  return unused.map((name) => {
    const count = keys.find((key) => key.name === name)?.count ?? 'an unknown number';
    return { where: `key ${name}`, message: `no step uses it, and it multiplies the flows by ${count}` };
  });
}

function notify({ onNotice }: UncheckedOptions, warnings: readonly Issue[]): void {
  for (const { where, message } of warnings) onNotice?.(`warning: ${where ? `${where}: ` : ''}${message}`);
}
