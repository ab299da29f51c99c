import { mismatch } from '../util/suggest.js';
import { isObject } from '../util/values.js';

const IN_A_LIST = 'put the step in a list: "- type: …" in YAML, [ { "type": … } ] in JSON';

/** Why something else can't be the list of steps. */
export function notAStepList(steps: unknown): string {
  return `${mismatch('a list of steps', steps)}${wayOut(steps)}`;
}

/** The mistake of a config that is a single step instead of a list; null for anything else. */
export function singleStepMistake(config: object): string | null {
  return isStep(config) && !('steps' in config) ? `is a single step; ${IN_A_LIST}` : null;
}

/** An object with the fields of one step. */
export function isStep(value: unknown): boolean {
  return isObject(value) && 'type' in value;
}

function wayOut(steps: unknown): string {
  if (isStep(steps)) return `; ${IN_A_LIST}`;
  const areNamed = isObject(steps) && Object.values(steps).length > 0 && Object.values(steps).every(isStep);
  return areNamed ? `; the name of a step is one of its fields: "- name: ${Object.keys(steps)[0]}"` : '';
}
