import type { StepResult } from './checked.js';
import { commonFields } from './common-fields.js';
import { explain, issuesOf } from './explain.js';
import { isObject } from './is-object.js';

/** What `name`, `timeout`, `retries` and `parallel` of a ready-made step have to be. */
const options = commonFields.omit({ type: true, previous: true }).required({ name: true });

/**
 * A step that was given ready-made, or a bare operator; null where it is neither (a file can't hold one). Code may
 * use one step several times, so its name doesn't count as given: it need not be unique unless it is referred to.
 */
export function readyStep(raw: unknown, where: string): StepResult | null {
  if (typeof raw === 'function') return ready(where, 'operator');
  if (!isObject(raw) || (typeof raw.run !== 'function' && typeof raw.operator !== 'function')) return null;
  const { data, error } = options.safeParse(raw, { error: explain });
  const step = ready(where, data?.name ?? '');
  return error ? { ...step, issues: issuesOf(where, error) } : step;
}

function ready(where: string, name: string): StepResult {
  return { step: { kind: 'ready', where, name, templates: [] }, named: false, issues: [] };
}
