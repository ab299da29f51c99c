import type { Issue } from '../errors.js';
import { isObject } from '../util/values.js';
import { checkStep } from './check-step.js';
import { type CheckedStep, type CheckOptions, isConfig, type StepResult } from './checked.js';
import { checkDefaults } from './defaults.js';
import { commonFields } from './fields.js';
import { nameIssues, references } from './placeholders.js';
import { issuesOf, zodMessages } from './zod-messages.js';

/** A checked list of steps; it can run when there are no issues. */
export interface CheckedSteps {
  /** One for each position. */
  readonly steps: readonly CheckedStep[];
  /** Everything that is wrong, in the order of the steps. */
  readonly issues: readonly Issue[];
  /** Likely mistakes that don't stop the run. */
  readonly warnings: readonly Issue[];
  /** Keys whose contents some template inserts; those of the others are hashed only. */
  readonly contents: ReadonlySet<string>;
  /**
   * Keys that no template uses. Empty where that is unknown: a step is broken, or is a function of the caller's own.
   */
  readonly unused: readonly string[];
  /** True if a module or operator may read them all the same. */
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

/** The fields `name`, `type`, `timeout`, `retries` and `parallel` of a ready-made step. */
const options = commonFields.omit({ previous: true }).required({ name: true });

/**
 * A step that was given ready-made, or a bare operator; null where it is neither (a file can't hold one). Code may
 * use one step several times, so its name doesn't count as given: it need not be unique unless it is referred to.
 */
function readyStep(raw: unknown, where: string): StepResult | null {
  if (typeof raw === 'function') return ofFunction(raw, where);
  if (!isObject(raw) || !isMadeInCode(raw)) return null;
  const mistake = mistakeIn(raw);
  if (mistake !== null) return broken(where, raw.name, [{ where, message: mistake }]);
  const { data, error } = options.safeParse(raw, { error: zodMessages });
  if (error) return broken(where, raw.name, issuesOf(where, error));
  return ready(where, data.name, raw.kind === 'operator');
}

/** A type that was defined is a function, too, and the compiler doesn't tell it from an operator. */
function ofFunction(raw: object, where: string): StepResult {
  if (!('definition' in raw)) return ready(where, 'operator', true);
  const message = 'a type of step, not a step; call it with its options';
  return broken(where, null, [{ where, message }]);
}

/** Also a step whose function is missing: `step` and `operator` leave their types. */
function isMadeInCode({ kind, type, run, operator }: Record<string, unknown>): boolean {
  if (typeof run === 'function' || typeof operator === 'function') return true;
  return (kind === 'run' && type === 'function') || (kind === 'operator' && type === 'operator');
}

function mistakeIn({ kind, name, run, operator }: Record<string, unknown>): string | null {
  const shown = typeof name === 'string' ? ` "${name}"` : '';
  if (kind !== 'run' && kind !== 'operator')
    return `step${shown} has no kind; make it with step() or operator()`;
  if (typeof (kind === 'run' ? run : operator) === 'function') return null;
  return kind === 'run' ? `step${shown} has no function` : `operator${shown} has no function`;
}

function ready(where: string, name: string, operates: boolean): StepResult {
  return { step: { kind: 'ready', where, name, operates, templates: [] }, named: false, issues: [] };
}

function broken(where: string, name: unknown, issues: readonly Issue[]): StepResult {
  const shown = typeof name === 'string' ? name : '';
  return { step: { kind: 'broken', where, name: shown, templates: [] }, named: false, issues };
}
