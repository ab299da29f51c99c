import { digestOfValue } from '../step/fingerprint.js';
import { isObject } from '../util/values.js';

type Fields = Readonly<Record<string, unknown>>;

/** A field that differs; null or undefined where it is absent. */
export interface Difference {
  /** `model`, `request.temperature`. */
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Fields that hold others, which people know by their names. */
const HOLDING_OTHERS: ReadonlySet<string> = new Set([
  'files',
  'files.changed',
  'files.untracked',
  'inputs',
  'request',
  'config',
  'options',
]);

/** The fields in which a step's definition differs from an earlier one. */
export function differences(before: Fields, after: Fields): Difference[] {
  return differing(before, after).flatMap(inside);
}

function inside(difference: Difference): Difference[] {
  const { name, before = {}, after = {} } = difference;
  if (!HOLDING_OTHERS.has(name) || !isObject(before) || !isObject(after)) return [difference];
  return differing(before, after).flatMap((inner) => inside({ ...inner, name: `${name}.${inner.name}` }));
}

function differing(before: Fields, after: Fields): Difference[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .map((name) => ({ name, before: before[name], after: after[name] }))
    .filter((each) => digestOfValue(each.before ?? null) !== digestOfValue(each.after ?? null));
}
