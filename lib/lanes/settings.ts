import type { Issue } from '../errors.js';
import { mismatch, suggestion } from '../util/suggest.js';
import { isCount, isObject } from '../util/values.js';

/** Ceilings that the user sets for a lane; not targets. */
export interface LaneSettings {
  /** Calls in flight. Default: as many as the run's `parallel`. */
  readonly concurrency?: number | undefined;
  /** Calls a minute. Default: as many as the provider lets through. */
  readonly rpm?: number | undefined;
  /** Tokens a minute, openai only. Default: as many as the provider lets through. */
  readonly tpm?: number | undefined;
}

/** By a type of step (`openai`), or one model of it (`openai/gpt-5.5`). */
export type LanesSettings = Readonly<Record<string, LaneSettings>>;

/** Types of steps that have lanes, and what can be set of them. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  openai: ['concurrency', 'rpm', 'tpm'],
  codex: ['concurrency', 'rpm'],
  cmd: ['concurrency', 'rpm'],
};

/** Settings as far as they are sound, and what is wrong with the others. */
interface Checked<T> {
  readonly settings: T;
  readonly issues: readonly Issue[];
}

/** Checks `lanes: {openai: {concurrency: 20}}`, as it stands in a config or a library call. */
export function checkLanes(lanes: unknown): Checked<LanesSettings> {
  const where = 'lanes';
  if (lanes === undefined) return { settings: {}, issues: [] };
  if (!isObject(lanes))
    return { settings: {}, issues: [{ where, message: mismatch('an object {lane: settings}', lanes) }] };
  const checked = Object.entries(lanes).map(([name, raw]) => {
    return { name, ...checkLane(`${where}.${name}`, name, raw) };
  });
  return {
    settings: Object.fromEntries(checked.map(({ name, settings }) => [name, settings])),
    issues: checked.flatMap(({ issues }) => issues),
  };
}

/** Checks the settings of one lane. */
export function checkLane(where: string, name: string, raw: unknown): Checked<LaneSettings> {
  const wrong = (message: string) => ({ settings: {}, issues: [{ where, message }] });
  const [type = ''] = name.split('/', 1);
  const known = Object.hasOwn(FIELDS, type) ? FIELDS[type] : undefined;
  if (!known) return wrong(unknownLane(type));
  if (name !== type && (type !== 'openai' || name === 'openai/'))
    return wrong('only openai has lanes for its models: openai/<model>');
  if (!isObject(raw)) return wrong(mismatch(`an object with ${known.join(', ')}`, raw));
  const issues = Object.entries(raw).flatMap(([field, value]) => {
    const message = mistake(field, value, known);
    return message === null ? [] : [{ where: `${where}.${field}`, message }];
  });
  return { settings: issues.length > 0 ? {} : raw, issues };
}

function mistake(field: string, value: unknown, known: readonly string[]): string | null {
  if (!known.includes(field))
    return `unknown setting${suggestion(field, known)}; there are ${known.join(', ')}`;
  return isCount(value) ? null : mismatch('a whole number from 1 up', value);
}

function unknownLane(type: string): string {
  const known = Object.keys(FIELDS);
  return `unknown lane${suggestion(type, known)}; there are ${known.join(', ')}, and openai/<model>`;
}
