import type { Flow } from '../flow/flow.js';
import { digest, digestOfValue, type Fingerprint } from '../step/fingerprint.js';
import type { Step } from '../step/step.js';
import type { StepIdentity } from '../store/contract.js';

/** A step whose results can be recognised. */
interface Keyed {
  readonly fingerprint: Fingerprint;
  /** Of all that is the same for every flow. */
  readonly fixed: string;
  /** How many steps before it have the same. */
  readonly occurrence: number;
}

/** The identity of a result, and the parts of its key. */
export interface CacheKey extends StepIdentity {
  /**
   * The digest of the fixed part, then the parts that differ from flow to flow, in the order of the definition's names.
   */
  readonly parts: readonly string[];
}

/** The definition of a step, to compare it with an earlier one. */
export interface Definition {
  readonly name: string;
  /** Its position, from 0. */
  readonly place: number;
  /** All that is the same for every flow, by name; as for JSON. */
  readonly fixed: Fingerprint['static'];
  /** Names of the parts that differ from flow to flow. */
  readonly names: readonly string[];
}

/** By their digests, which are the first part of a key. */
export type Definitions = Readonly<Record<string, Definition>>;

/** Of the steps that can be recognised; of those that are alike the first. */
export function definitionsOf(steps: readonly Step[]): Definitions {
  const definitions: Record<string, Definition> = {};
  for (const [place, step] of steps.entries()) {
    const fixed = fixedOf(step);
    const digest = fixed && digestOfValue(fixed);
    if (fixed && digest) definitions[digest] ??= { name: step.name, place, fixed, names: namesOf(step) };
  }
  return definitions;
}

/** The cache keys of a run's steps. Names, positions, time-outs and retries don't enter them. */
export class CacheKeys {
  readonly #steps: readonly (Keyed | null)[];

  constructor(steps: readonly Step[]) {
    const earlier: string[] = [];
    this.#steps = steps.map((step) => {
      const fingerprint = step.kind === 'run' ? step.fingerprint : undefined;
      const fixed = digestOfValue(fixedOf(step));
      if (!fingerprint || fixed === null) return null;
      const occurrence = earlier.filter((other) => other === fixed).length;
      earlier.push(fixed);
      return { fingerprint, fixed, occurrence };
    });
  }

  /** Null for a step without a fingerprint. */
  identify(index: number, flow: Flow): CacheKey | null {
    const keyed = this.#steps[index];
    if (!keyed) return null;
    const parts = [keyed.fixed, ...keyed.fingerprint.dynamic(flow)];
    const key = digest(parts.join('\0'));
    return { flow: flow.id, branch: flow.branch, occurrence: keyed.occurrence, key, parts };
  }
}

function namesOf(step: Step): readonly string[] {
  return (step.kind === 'run' && step.fingerprint?.labels) || [];
}

/** Null for a step of which nothing is known. */
function fixedOf(step: Step): Fingerprint['static'] | null {
  if (step.kind !== 'run' || !step.fingerprint) return null;
  const { array = false, version = null } = step;
  return { ...step.fingerprint.static, array, version };
}
