import { resolve } from 'node:path';
import { type CheckedSteps, checkSteps } from '../config/check-steps.js';
import { ConfigError, type Issue } from '../errors.js';
import type { Key } from '../inputs/key.js';
import { type LoadedKeys, loadKeys } from '../inputs/load-keys.js';
import { productSize } from '../inputs/product.js';
import type { UncheckedOptions } from '../run-options.js';
import { stepTypes } from '../steps/index.js';
import { suggestion } from '../util/suggest.js';

/** The checked steps and lists of a run; no step is made yet. */
export interface Validated {
  readonly loaded: LoadedKeys;
  readonly checked: CheckedSteps;
  /** The issues found, after those found earlier. */
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

/** Checks the steps and reads the lists. Relative paths resolve against `cwd` (absolute). */
export async function findingsOf(options: UncheckedOptions, cwd: string): Promise<Validated> {
  const loaded = await loadKeys(options.keys ?? {}, cwd);
  const checked = await checkSteps(options.steps, {
    types: stepTypes,
    keys: loaded.known,
    brokenKeys: [...(options.brokenKeys ?? []), ...loaded.broken],
    folder: resolve(cwd, options.folder ?? '.'),
    defaults: options.defaults,
  });
  const unused = unusedKeys(checked.unused, loaded.keys);
  const isAllowed = checked.readsAnyKey || options.allowUnusedKey;
  return {
    loaded,
    checked,
    issues: [
      ...(options.issues ?? []),
      ...checked.issues,
      ...loaded.issues,
      ...(isAllowed ? [] : unused.map(refused)),
    ],
    warnings: [...checked.warnings, ...loaded.warnings, ...(isAllowed ? unused : [])],
  };
}

/** A key that nothing asks for is most likely a mistake, and it multiplies the bill. */
function unusedKeys(unused: readonly string[], keys: readonly Key[]): Issue[] {
  const flows = productSize(keys);
  return unused.flatMap((name) => {
    const count = keys.find((key) => key.name === name)?.count ?? null;
    if (count === 0) return []; // it is warned of as an empty one
    const others = keys.map((key) => key.name).filter((other) => other !== name);
    const message = `no step uses it, and ${multiplied(count, flows)}${suggestion(name, others)}`;
    return [{ where: `key ${name}`, message }];
  });
}

/** `it multiplies the flows by 3: 12 instead of 4` */
function multiplied(count: number | null, flows: number | null): string {
  const times = `it multiplies the flows by ${count ?? 'an unknown number'}`;
  return count !== null && count > 1 && flows !== null
    ? `${times}: ${flows} instead of ${flows / count}`
    : times;
}

function refused({ where, message }: Issue): Issue {
  const end = message.endsWith('?') ? ' Else' : ';';
  return { where, message: `${message}${end} leave it out, or allow it with --allow-unused-key` };
}

/** `warning: list.txt: 2 of its 3 lines repeat …` */
export function warningLine({ where, message }: Issue): string {
  return `warning: ${where ? `${where}: ` : ''}${message}`;
}

/** Rejects with a ConfigError where there is anything to report; mistakes in a file with the places where they stand. */
export async function refuse(issues: readonly Issue[], options: UncheckedOptions): Promise<void> {
  if (issues.length > 0) throw new ConfigError((await options?.locate?.(issues)) ?? issues);
}

/** Lines for the user, held back until it is certain that the run starts: mistakes stand alone. */
export class Notices {
  readonly #say: (line: string) => void;
  #held: string[] | null = [];

  constructor(say: (line: string) => void = () => {}) {
    this.#say = say;
  }

  readonly say = (line: string): void => {
    if (this.#held) this.#held.push(line);
    else this.#say(line);
  };

  /** The warnings go first. */
  release(warnings: readonly Issue[]): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const warning of warnings) this.#say(warningLine(warning));
    for (const line of held) this.#say(line);
  }
}
