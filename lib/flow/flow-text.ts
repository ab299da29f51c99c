import { oneLine } from '../util/text.js';
import type { Flow } from './flow.js';

/** Values may be whole documents. */
const LONGEST_VALUE = 60;

/** `flow 07bb65670639933e (file src/a.js, rule rules/errors.md)` */
export function flowText({ id, inputs }: Pick<Flow, 'id' | 'inputs'>): string {
  const text = inputsText(inputs);
  return text === '' ? `flow ${id}` : `flow ${id} (${text})`;
}

/** `file src/a.js, rule rules/errors.md`, on one line; long values are cut. */
export function inputsText(
  inputs: Readonly<Record<string, Pick<Flow['inputs'][string], 'path' | 'value'>>>,
): string {
  return Object.entries(inputs)
    .map(([key, { path, value = '' }]) => `${key} ${oneLine(path ?? shortened(value))}`)
    .join(', ');
}

function shortened(value: string): string {
  const letters = Array.from(value.slice(0, 2 * LONGEST_VALUE));
  return letters.length > LONGEST_VALUE ? `${letters.slice(0, LONGEST_VALUE).join('')}…` : value;
}
