import type { Issue } from '../errors.js';
import { checkStep } from './check-step.js';
import type { CheckedStep, CheckOptions } from './checked.js';
import { checkDefaults } from './defaults.js';
import { nameIssues } from './names.js';
import { nearPlaceholders } from './near-placeholders.js';
import { references } from './placeholders.js';
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
  /** Keys that no step uses. Empty where a ready-made step might. */
  readonly unused: readonly string[];
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
  const { issues: undefinedOnes, used, contents, kept } = references(steps, options.keys);
  const mayUseAny = steps.some(({ kind }) => kind !== 'config');
  const unused = options.keys.map(({ name }) => name).filter((name) => !mayUseAny && !used.has(name));
  return {
    steps,
    issues: [
      ...issues,
      ...results.flatMap((result) => result.issues),
      ...nameIssues(results),
      ...undefinedOnes,
    ],
    warnings: nearPlaceholders(steps, options.keys),
    contents,
    unused,
    kept,
  };
}
