import { basename } from 'node:path';
import type { Key } from '../inputs/key.js';
import type { Count } from './bounds.js';
import type { Part, PlanStep } from './plan-step.js';

/** How often a step is going to be called, and how often with `--share`. */
export interface StepCalls {
  readonly step: PlanStep;
  /** `at least`: arrays may have more elements than one; `at most`: more calls may turn out to be the same. */
  readonly calls: Count;
  /** Null where its calls can't be shared. */
  readonly sharedCalls: number | null;
  /** They are. */
  readonly shares: boolean;
}

/** @param share the default for steps */
export function callsOf(
  steps: readonly PlanStep[],
  keys: readonly Key[],
  flows: number,
  share: boolean,
): StepCalls[] {
  const could = sharedCalls(steps, keys, true);
  const does = sharedCalls(steps, keys, share);
  return steps.map((step, index) => {
    const shared = does[index] ?? null;
    const branches = steps.slice(0, index).some(({ array }) => array);
    const bound = branches ? 'at least' : shared === null ? 'exact' : 'at most';
    return {
      step,
      calls: { count: shared ?? flows, bound },
      sharedCalls: could[index] ?? null,
      shares: shared !== null,
    };
  });
}

/** The parts of the keys that decide a step's call; null: the whole flow. */
type Scope = ReadonlyMap<string, ReadonlySet<Part>> | null;

/**
 * For each step: how many calls are left, at most, when equal ones are made once; null where they aren't. Files count
 * as different where their paths are: that the contents are the same is seen only when they are read.
 *
 * @param share the default for steps
 */
function sharedCalls(steps: readonly PlanStep[], keys: readonly Key[], share: boolean): (number | null)[] {
  const scopes: Scope[] = [];
  for (const step of steps)
    scopes.push(step.shareable && (step.share ?? share) ? scopeOf(step, scopes) : null);
  return scopes.map((scope) => scope && callsIn(scope, keys));
}

/** A step's call depends on its keys, and on those of the earlier steps whose output it gets. */
function scopeOf({ keys, before }: PlanStep, earlier: readonly Scope[]): Scope {
  const scope = new Map(keys);
  for (const step of before) {
    const other = earlier[step];
    if (!other) return null;
    for (const [key, parts] of other) scope.set(key, new Set([...(scope.get(key) ?? []), ...parts]));
  }
  return scope;
}

function callsIn(scope: NonNullable<Scope>, keys: readonly Key[]): number {
  return keys.reduce((calls, key) => calls * distinct(key, scope.get(key.name)), 1);
}

function distinct({ paths }: Key, parts: ReadonlySet<Part> | undefined): number {
  if (!parts) return Math.min(1, paths.length);
  const onlyNames = parts.size === 1 && parts.has('file');
  return new Set(onlyNames ? paths.map((path) => basename(path)) : paths).size;
}
