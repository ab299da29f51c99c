import type { Issue } from '../errors.js';
import { isObject } from '../util/values.js';
import type { StepResult } from './checked.js';
import { explain, issuesOf } from './explain.js';
import { commonFields } from './fields.js';

/** What `name`, `type`, `timeout`, `retries` and `parallel` of a ready-made step have to be. */
const options = commonFields.omit({ previous: true }).required({ name: true });

/**
 * A step that was given ready-made, or a bare operator; null where it is neither (a file can't hold one). Code may
 * use one step several times, so its name doesn't count as given: it need not be unique unless it is referred to.
 */
export function readyStep(raw: unknown, where: string): StepResult | null {
  if (typeof raw === 'function') return ofFunction(raw, where);
  if (!isObject(raw) || !isMadeInCode(raw)) return null;
  const mistake = mistakeIn(raw);
  if (mistake !== null) return broken(where, raw.name, [{ where, message: mistake }]);
  const { data, error } = options.safeParse(raw, { error: explain });
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
