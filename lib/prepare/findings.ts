import { resolve } from 'node:path';
import type { CheckedSteps } from '../config/check-steps.js';
import type { Issue } from '../errors.js';
import type { Key } from '../inputs/key.js';
import { type LoadedKeys, loadKeys } from '../inputs/load-keys.js';
import type { UncheckedOptions } from '../run-options.js';

/** What the steps and the lists of a run are, as far as it can be told without making anything. */
export interface Findings {
  readonly loaded: LoadedKeys;
  readonly checked: CheckedSteps;
  /** What is wrong with them, and what was before. */
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

/** Checks the steps and reads the lists. Relative paths resolve against `cwd` (absolute). */
export async function findingsOf(options: UncheckedOptions, cwd: string): Promise<Findings> {
  const { checkSteps } = await import('../config/check-steps.js');
  const { stepTypes } = await import('../steps/index.js');
  const loaded = await loadKeys(options.keys ?? {}, cwd);
  const checked = await checkSteps(options.steps, {
    types: stepTypes,
    keys: loaded.known,
    folder: resolve(cwd, options.folder ?? '.'),
    defaults: options.defaults,
  });
  return {
    loaded,
    checked,
    issues: [...(options.issues ?? []), ...checked.issues, ...loaded.issues],
    warnings: [...checked.warnings, ...loaded.warnings, ...unusedWarnings(checked.unused, loaded.keys)],
  };
}

/** A key that nothing asks for is most likely a mistake, and it multiplies the bill. */
function unusedWarnings(unused: readonly string[], keys: readonly Key[]): Issue[] {
  return unused.map((name) => {
    const count = keys.find((key) => key.name === name)?.count ?? 'an unknown number';
    return { where: `key ${name}`, message: `no step uses it, and it multiplies the flows by ${count}` };
  });
}

/** `warning: list.txt: 2 of its 3 lines repeat …` */
export function warningLine({ where, message }: Issue): string {
  return `warning: ${where ? `${where}: ` : ''}${message}`;
}
