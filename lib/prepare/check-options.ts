import { mismatch } from '../config/explain.js';
import { isObject } from '../config/is-object.js';
import { suggestion } from '../config/suggest.js';
import type { Issue } from '../errors.js';
import { checkLanes } from '../lanes/settings.js';
import { ON_LIMIT } from '../on-limit.js';
import type { RunOptions, UncheckedOptions } from '../run-options.js';

/** Every option; the compiler sees that none is missing here. */
const KNOWN = {
  steps: true,
  keys: true,
  parallel: true,
  timeout: true,
  workdir: true,
  generated: true,
  appendFilepath: true,
  ordered: true,
  allowDirty: true,
  allowSharedWorkdir: true,
  allowDanger: true,
  simulate: true,
  deliver: true,
  signal: true,
  drain: true,
  maxFailures: true,
  lanes: true,
  maxWait: true,
  prices: true,
  maxCost: true,
  maxTokens: true,
  onLimit: true,
  share: true,
  store: true,
  defaults: true,
  folder: true,
  env: true,
  onStart: true,
  onStop: true,
  onNotice: true,
  onDetail: true,
} satisfies Record<keyof RunOptions, true>;

const PATHS = ['workdir', 'generated', 'folder'] as const;
const SWITCHES = [
  'appendFilepath',
  'ordered',
  'share',
  'allowDirty',
  'allowSharedWorkdir',
  'allowDanger',
] as const;
const FUNCTIONS = ['deliver', 'onStart', 'onStop', 'onNotice', 'onDetail'] as const;

/** The mistakes in the options themselves, whatever their caller passed; those in the steps and keys come later. */
export function optionIssues(options: UncheckedOptions): Issue[] {
  if (!isObject(options)) return [{ where: 'options', message: mismatch('an object with `steps`', options) }];
  const { steps, keys, parallel, timeout, maxWait } = options;
  const issues = unknownOptions(options);
  const expect = (fits: boolean, where: string, expected: string, got: unknown) => {
    if (!fits) issues.push({ where, message: mismatch(expected, got) });
  };
  expect(Array.isArray(steps), 'steps', 'a list of steps', steps);
  expect(keys === undefined || isObject(keys), 'keys', 'an object of lists by name', keys);
  expect(isCount(parallel ?? 1), 'parallel', 'a whole number from 1 up', parallel);
  expect(isPositive(timeout ?? 1), 'timeout', 'a number of seconds above 0', timeout);
  expect(isPositive(maxWait ?? 1), 'maxWait', 'a number of seconds above 0', maxWait);
  expect(isPositive(options.maxCost ?? 1), 'maxCost', 'a number of dollars above 0', options.maxCost);
  expect(isCount(options.maxTokens ?? 1), 'maxTokens', 'a whole number from 1 up', options.maxTokens);
  expect(ON_LIMIT.includes(options.onLimit ?? 'drain'), 'onLimit', "'drain' or 'cancel'", options.onLimit);
  issues.push(...checkLanes(options.lanes).issues);
  expect(
    isMaxFailures(options.maxFailures ?? 1),
    'maxFailures',
    "a whole number from 1 up, or a share as '10%'",
    options.maxFailures,
  );
  const expectType = (type: string, name: keyof RunOptions, expected: string) =>
    expect(['undefined', type].includes(typeof options[name]), name, expected, options[name]);
  for (const name of SWITCHES) expectType('boolean', name, 'true or false');
  for (const name of PATHS) expectType('string', name, 'a path');
  for (const name of FUNCTIONS) expectType('function', name, 'a function');
  return issues;
}

/** A misspelt option would be left out silently. */
function unknownOptions(options: object): Issue[] {
  const known = Object.keys(KNOWN);
  const unknown = Object.keys(options).filter((name) => !known.includes(name) && name !== 'issues');
  return unknown.map((name) => ({ where: name, message: `unknown option${suggestion(name, known)}` }));
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

function isMaxFailures(value: unknown): boolean {
  if (typeof value !== 'string') return isCount(value);
  return /^\d+(\.\d+)?%$/.test(value) && Number.parseFloat(value) > 0;
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0;
}
