import { type Basis, digest, digestOfValue } from './basis.js';
import type { Flow } from './flow.js';
import type { Step } from './step.js';
import type { StepIdentity } from './store/contract.js';

/** A step whose results can be recognised. */
interface Keyed {
  readonly basis: Basis;
  /** Of all that is the same for every flow. */
  readonly fixed: string;
  /** How many steps before it have the same. */
  readonly occurrence: number;
}

/** Under which keys the results of a run's steps stand. Names, positions, time-outs and retries are no part of them. */
export class Keys {
  readonly #steps: readonly (Keyed | null)[];

  constructor(steps: readonly Step[]) {
    const earlier: string[] = [];
    this.#steps = steps.map((step) => {
      const basis = step.kind === 'run' ? step.basis : undefined;
      const fixed = basis ? fixedOf(basis, step) : null;
      if (!basis || fixed === null) return null;
      const occurrence = earlier.filter((other) => other === fixed).length;
      earlier.push(fixed);
      return { basis, fixed, occurrence };
    });
  }

  /** Null for a step of which nothing tells whether it would do the same again. */
  identify(index: number, flow: Flow): StepIdentity | null {
    const keyed = this.#steps[index];
    if (!keyed) return null;
    const key = digest([keyed.fixed, ...keyed.basis.of(flow)].join('\0'));
    return { flow: flow.id, branch: flow.branch, occurrence: keyed.occurrence, key };
  }

  /** What a key is made of, by name, for those who ask why a step runs again. */
  parts(index: number, flow: Flow): Readonly<Record<string, string>> {
    const keyed = this.#steps[index];
    if (!keyed) return {};
    const { basis, fixed } = keyed;
    const values = basis.of(flow);
    return {
      step: fixed,
      ...Object.fromEntries(basis.names.map((name, place) => [name, values[place] ?? ''])),
    };
  }
}

function fixedOf(basis: Basis, step: Step): string | null {
  if (step.kind !== 'run') return null;
  const { array = false, version = null } = step;
  return digestOfValue({ ...basis.fixed, array, version });
}
