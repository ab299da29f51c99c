import { notAStepList } from '../config/steps-list.js';
import { ON_LIMIT } from '../cost/budget.js';
import type { Issue } from '../errors.js';
import { checkLanes } from '../lanes/settings.js';
import type { RunOptions, UncheckedOptions } from '../run-options.js';
import { isSimulateSetting } from '../simulate/options.js';
import { mismatch, suggestion } from '../util/suggest.js';
import { isCount, isObject, isSignal } from '../util/values.js';

/** A rule for the value of an option, in words and as a predicate. */
type Rule = readonly [expected: string, fits: (value: unknown) => boolean];

const ANYTHING: Rule = ['anything', () => true];
const COUNT: Rule = ['a whole number from 1 up', isCount];
const SECONDS: Rule = ['a number of seconds above 0', isPositive];
const SWITCH: Rule = ['true or false', is('boolean')];
const PATH: Rule = ['a path', is('string')];
const FUNCTION: Rule = ['a function', is('function')];
const SIGNAL: Rule = ['an AbortSignal', isSignal];

/**
 * A rule for every option; the compiler checks that none is missing. Options with a structure are checked elsewhere.
 */
const RULES = {
  steps: ANYTHING,
  keys: ['an object of lists by name', isObject],
  parallel: COUNT,
  timeout: SECONDS,
  workdir: PATH,
  generated: PATH,
  appendFilepath: SWITCH,
  ordered: SWITCH,
  allowDirty: SWITCH,
  allowSharedWorkdir: SWITCH,
  allowDanger: SWITCH,
  allowUnusedKey: SWITCH,
  simulate: ['true, false or { latency: milliseconds, fail: a rate from 0 to 1 }', isSimulate],
  deliver: FUNCTION,
  signal: SIGNAL,
  drain: SIGNAL,
  maxFailures: ["a whole number from 1 up, or a share as '10%'", isMaxFailures],
  lanes: ANYTHING,
  maxWait: SECONDS,
  prices: ANYTHING,
  maxCost: ['a number of dollars above 0', isPositive],
  maxTokens: COUNT,
  onLimit: ["'drain' or 'cancel'", (value) => ON_LIMIT.some((known) => known === value)],
  share: SWITCH,
  store: ['a store or a function that opens one', (value) => isStore(value) || typeof value === 'function'],
  defaults: ANYTHING,
  folder: PATH,
  env: ['an object of values by name', isObject],
  onStart: FUNCTION,
  onStop: FUNCTION,
  onNotice: FUNCTION,
  onDetail: FUNCTION,
} satisfies Record<keyof RunOptions, Rule>;

/** Options of a run from a file, beside those of the library. */
const OURS = ['issues', 'brokenKeys', 'locate', 'before'];

/** The mistakes in the options themselves, whatever their caller passed; those in the steps and keys come later. */
export function optionIssues(options: UncheckedOptions): Issue[] {
  if (!isObject(options)) return [{ where: 'options', message: mismatch('an object with `steps`', options) }];
  return [
    ...unknownOptions(options),
    ...stepsIssues(options.steps),
    ...misfits(options),
    ...checkLanes(options.lanes).issues,
  ];
}

/** A misspelt option would be left out silently. */
function unknownOptions(options: object): Issue[] {
  const known = Object.keys(RULES);
  const unknown = Object.keys(options).filter((name) => !known.includes(name) && !OURS.includes(name));
  return unknown.map((name) => ({ where: name, message: `unknown option${suggestion(name, known)}` }));
}

/** The one option that can't be left out. */
function stepsIssues(steps: unknown): Issue[] {
  return Array.isArray(steps) ? [] : [{ where: 'steps', message: notAStepList(steps) }];
}

function misfits(options: Readonly<Record<string, unknown>>): Issue[] {
  return Object.entries<Rule>(RULES).flatMap(([name, [expected, fits]]) => {
    const value = options[name];
    return value === undefined || fits(value) ? [] : [{ where: name, message: mismatch(expected, value) }];
  });
}

function is(type: 'boolean' | 'string' | 'function') {
  return (value: unknown) => typeof value === type;
}

function isMaxFailures(value: unknown): boolean {
  if (typeof value !== 'string') return isCount(value);
  return /^\d+(\.\d+)?%$/.test(value) && Number.parseFloat(value) > 0;
}

function isSimulate(value: unknown): boolean {
  return typeof value === 'boolean' || (isObject(value) && Object.entries(value).every(isSimulateSetting));
}

/** A store that can at least receive results. */
function isStore(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { find, saveStep, saveFlow, ready, close, failed } = value;
  return (
    [find, saveStep, saveFlow, ready, close].every(is('function')) &&
    isObject(failed) &&
    is('function')(failed.catch)
  );
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0;
}
