import type { Issue } from '../errors.js';
import { checkStep } from './check-step.js';
import { type CheckedStep, type CheckOptions, isConfig } from './checked.js';
import { checkDefaults } from './defaults.js';
import { nameIssues, references } from './placeholders.js';
import { readyStep } from './ready-step.js';

/** A list of steps after its check; it can run when there are no issues. */
export interface CheckedSteps {
  /** One for each position. */
  readonly steps: readonly CheckedStep[];
  /** Everything that is wrong, in the order of the steps. */
  readonly issues: readonly Issue[];
  /** What is most likely not meant so. */
  readonly warnings: readonly Issue[];
  /** Keys whose contents some template puts in; those of the others are hashed only. */
  readonly contents: ReadonlySet<string>;
  /** Keys that no template uses. Empty where that tells nothing: a step is broken, or a function of the caller's own. */
  readonly unused: readonly string[];
  /** Whether some module or operator may read them all the same. */
  readonly readsAnyKey: boolean;
  /** Names of the steps whose output a later template puts in. */
  readonly kept: ReadonlySet<string>;
}

/**
 * Checks the steps of a config, or of a library call, where ready-made steps and bare operators may stand among them.
 * Nothing is thrown: issues are for the caller to report, together with those it found elsewhere.
 */
export async function checkSteps(raw: readonly unknown[], options: CheckOptions): Promise<CheckedSteps> {
  const { defaults, issues } = checkDefaults(options.defaults, options.types);
  const results = await Promise.all(
    raw.map(
      (step, index) =>
        readyStep(step, `steps[${index}]`) ?? checkStep(step, `steps[${index}]`, options, defaults),
    ),
  );
  const steps = results.map(({ step }) => step);
  const { keys, brokenKeys = [] } = options;
  const { issues: undefinedOnes, warnings, used, contents, kept } = references(results, keys, brokenKeys);
  return {
    steps,
    issues: [
      ...issues,
      ...results.flatMap((result) => result.issues),
      ...nameIssues(results),
      ...undefinedOnes,
    ],
    warnings,
    contents,
    unused: tellAllKeys(steps) ? keys.map(({ name }) => name).filter((name) => !used.has(name)) : [],
    readsAnyKey: steps.some((step) => mayReadAnyKey(step, options.types)),
    kept,
  };
}

/** A config without a step, or with a broken one, has other mistakes. */
function tellAllKeys(steps: readonly CheckedStep[]): boolean {
  return (
    steps.length > 0 && steps.every((step) => isConfig(step) || (step.kind === 'ready' && step.operates))
  );
}

function mayReadAnyKey(step: CheckedStep, types: CheckOptions['types']): boolean {
  return isConfig(step) ? types.some(({ type, readsAnyKey }) => type === step.type && readsAnyKey) : true;
}
