import type { ConfigStep } from '../config/checked.js';
import type { ModelCall } from '../steps/contract.js';
import { type Placeholder, parse, placeholders, type Template } from '../util/template.js';

/** The part of a key that a step inserts. */
export type Part = 'content' | 'path' | 'file';

/** A step as far as its calls, tokens and costs depend on it. */
export interface PlanStep {
  readonly name: string;
  readonly type: string;
  /** Null where it asks no model. */
  readonly call: ModelCall | null;
  readonly templates: readonly Template[];
  /** The keys that it puts in. */
  readonly keys: ReadonlyMap<string, ReadonlySet<Part>>;
  /** Positions of the earlier steps whose output it gets. */
  readonly before: readonly number[];
  /** True if equal calls can be made once. `share` tells if they are; undefined leaves it to the run. */
  readonly shareable: boolean;
  readonly share: boolean | undefined;
  /** Its output makes branches. */
  readonly array: boolean;
  /** At most so many flows are in it at once. */
  readonly parallel: number | undefined;
}

export function toPlanSteps(steps: readonly ConfigStep[]): PlanStep[] {
  return steps.map((step, index) => {
    const { name, type, modelCall, share, array = false, parallel } = step;
    const templates = step.templates.map(({ text }) => parse(text));
    const found = templates.flatMap(placeholders);
    return {
      name,
      type,
      call: modelCall,
      templates,
      keys: keysIn(found),
      before: outputsIn(found, step, steps.slice(0, index)),
      shareable: modelCall?.shareable ?? type === 'cmd',
      share,
      array,
      parallel,
    };
  });
}

function keysIn(found: readonly Placeholder[]): Map<string, Set<Part>> {
  const keys = new Map<string, Set<Part>>();
  for (const placeholder of found) {
    if (!('key' in placeholder)) continue;
    const { key, kind } = placeholder;
    keys.set(key, new Set(keys.get(key)).add(kind));
  }
  return keys;
}

/** The previous output is appended, or is a command's stdin, unless the step refuses it. */
function outputsIn(
  found: readonly Placeholder[],
  { previous }: ConfigStep,
  earlier: readonly ConfigStep[],
): number[] {
  const places = previous || found.some(({ kind }) => kind === 'previous');
  const named = found.flatMap((placeholder) =>
    placeholder.kind === 'output' ? [earlier.findIndex(({ name }) => name === placeholder.step)] : [],
  );
  const last = earlier.length - 1;
  return [...new Set([...named, ...(places && last >= 0 ? [last] : [])])];
}
