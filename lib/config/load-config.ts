import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { OwnPrices } from '../cost/price.js';
import { ConfigError, codeOf, type Issue, systemReason } from '../errors.js';
import { readBounded, Unbounded } from '../files/bounded-file.js';
import type { ListSource } from '../inputs/key-source.js';
import { checkLanes, type LanesSettings } from '../lanes/settings.js';
import { mismatch, nearest, suggestion } from '../util/suggest.js';
import { decodeUtf8, NotText } from '../util/utf8.js';
import { isObject } from '../util/values.js';
import { checkPrices } from './check-prices.js';
import { located } from './locate.js';
import { parseText } from './parse-text.js';
import { isStep, notAStepList, singleStepMistake } from './steps-list.js';

/** A config file that could be read; its steps and defaults are still to be checked (`checkSteps`). */
export interface LoadedConfig {
  /** As the user named it. */
  readonly file: string;
  /** Absolute; relative paths in the config resolve against it. */
  readonly folder: string;
  readonly steps: readonly unknown[];
  readonly keys: Readonly<Record<string, ListSource>>;
  /** Keys that are left out because of a mistake. */
  readonly brokenKeys: readonly string[];
  readonly defaults: unknown;
  readonly lanes: LanesSettings;
  /** Prices of models in the config. */
  readonly prices: OwnPrices;
  /** Mistakes found so far, to be reported together with those of the steps and the keys. */
  readonly issues: readonly Issue[];
  /** Says of the mistakes that are in it where they stand in the file. */
  locate(issues: readonly Issue[]): Promise<readonly Issue[]>;
}

/** Bytes; a longer config takes minutes to parse (YAML: 8 s a MiB, measured 2026-11). */
const MOST_BYTES = 4 * 2 ** 20;

const FIELDS = ['$schema', 'steps', 'keys', 'defaults', 'lanes', 'prices'];

/** Reads a config. Throws a ConfigError where there is nothing to go on with: no file, no text, no valid syntax. */
export async function loadConfig(file: string, cwd: string): Promise<LoadedConfig> {
  const path = resolve(cwd, file);
  const text = await readText(file, path);
  if (text.trim() === '') throw problem(file, 'is empty; expected a list of steps');
  const parts = takeApart(file, dirname(path), await parseText(file, text));
  return { file, folder: dirname(path), ...parts, locate: (issues) => located(issues, file, text) };
}

async function readText(file: string, path: string): Promise<string> {
  try {
    return decodeUtf8(await readBounded(path, MOST_BYTES));
  } catch (error) {
    throw problem(file, whyUnreadable(error));
  }
}

function whyUnreadable(error: unknown): string {
  if (error instanceof Unbounded) return `${error.message}; expected a config, JSON or YAML`;
  if (error instanceof NotText) return error.message;
  const code = codeOf(error);
  if (code === 'ENOENT') return 'no such file; expected a config, JSON or YAML';
  if (code === 'EISDIR') return 'is a directory; expected a config file, JSON or YAML';
  return `cannot be read: ${systemReason(error)}`;
}

type Parts = Omit<LoadedConfig, 'file' | 'folder' | 'locate'>;

function takeApart(file: string, folder: string, value: unknown): Parts {
  if (value === null) throw problem(file, 'is empty; expected a list of steps');
  if (Array.isArray(value)) return { ...bareList, ...listed(value) };
  if (!isObject(value)) throw problem(file, mismatch('a list of steps, or an object with "steps"', value));
  const single = singleStepMistake(value);
  if (single !== null) return { ...bareList, steps: [value], issues: [{ where: file, message: single }] };
  const { steps, issues: wrongSteps } =
    value.steps === undefined ? lacking(file, value) : listed(value.steps);
  const { keys, brokenKeys, issues: wrongKeys } = keysOf(value.keys, dirname(file), folder);
  const { settings: lanes, issues: wrongLanes } = checkLanes(value.lanes);
  const { prices, issues: wrongPrices } = checkPrices(value.prices);
  const issues = [...unknownFields(value), ...wrongSteps, ...wrongKeys, ...wrongLanes, ...wrongPrices];
  return { steps, keys, brokenKeys, defaults: value.defaults, lanes, prices, issues };
}

/** The other fields of a config that is a bare list of steps. */
const bareList = { keys: {}, brokenKeys: [], defaults: undefined, lanes: {}, prices: {} };

function listed(steps: unknown): Pick<Parts, 'steps' | 'issues'> {
  const where = 'steps';
  if (!Array.isArray(steps))
    return { steps: isStep(steps) ? [steps] : [], issues: [{ where, message: notAStepList(steps) }] };
  const issues = steps.length > 0 ? [] : [{ where, message: 'is empty; expected at least one step' }];
  return { steps, issues };
}

/** A misspelt field is reported as an unknown one. */
function lacking(file: string, config: object): Pick<Parts, 'steps' | 'issues'> {
  const isMisspelt = Object.keys(config).some((field) => nearest(field, FIELDS) === 'steps');
  const missing = { where: file, message: 'has no "steps"; expected a list of them' };
  return { steps: [], issues: isMisspelt ? [] : [missing] };
}

function unknownFields(config: object): Issue[] {
  const unknown = Object.keys(config).filter((field) => !FIELDS.includes(field));
  return unknown.map((field) => ({ where: field, message: `unknown field${suggestion(field, FIELDS)}` }));
}

/** List paths stay readable for messages: as they are reached from where the config was named. */
function keysOf(keys: unknown, from: string, base: string): Pick<Parts, 'keys' | 'brokenKeys' | 'issues'> {
  if (keys === undefined) return { keys: {}, brokenKeys: [], issues: [] };
  if (!isObject(keys)) {
    const message = mismatch('an object {name: list}', keys);
    return { keys: {}, brokenKeys: [], issues: [{ where: 'keys', message }] };
  }
  const entries = Object.entries(keys);
  const sources = entries.flatMap(([name, list]): [string, ListSource][] =>
    isPath(list) ? [[name, { list: pathOf(list, from), base }]] : [],
  );
  const wrong = entries.filter(([, list]) => !isPath(list));
  const issues = wrong.map(([name, list]) => ({ where: `keys.${name}`, message: notAPath(list) }));
  return { keys: Object.fromEntries(sources), brokenKeys: wrong.map(([name]) => name), issues };
}

function isPath(list: unknown): list is string {
  return typeof list === 'string' && list !== '';
}

function notAPath(list: unknown): string {
  const way = Array.isArray(list) ? '; write its paths in a file, one a line, and name that file' : '';
  return `${mismatch('the path of a list', list)}${way}`;
}

/** `-` stays as it is: the check of the lists refuses it, unless a `--key` replaces it. */
function pathOf(list: string, from: string): string {
  return list === '-' || isAbsolute(list) ? list : join(from, list);
}

function problem(file: string, message: string): ConfigError {
  return new ConfigError([{ where: file, message }]);
}
