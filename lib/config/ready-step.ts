import type { StepResult } from './checked.js';
import { commonFields } from './common-fields.js';
import { explain, issuesOf } from './explain.js';
import { isObject } from './is-object.js';

/** What `name`, `timeout`, `retries` and `parallel` of a ready-made step have to be. */
const options = commonFields.omit({ type: true, previous: true }).required({ name: true });

/** A step that was given ready-made, or a bare operator; null where it is neither (a file can't hold one). */
export function readyStep(raw: unknown, where: string): StepResult | null {
  if (typeof raw === 'function') return ready(where, 'operator', false);
  if (!isObject(raw) || (typeof raw.run !== 'function' && typeof raw.operator !== 'function')) return null;
  const { data, error } = options.safeParse(raw, { error: explain });
  const step = ready(where, data?.name ?? '', true);
  return error ? { ...step, issues: issuesOf(where, error) } : step;
}

function ready(where: string, name: string, named: boolean): StepResult {
  return { step: { kind: 'ready', where, name, templates: [] }, named, issues: [] };
}
