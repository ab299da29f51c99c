import type { CacheKeys, Definitions } from '../cache/cache-keys.js';
import type { FailureKind } from '../errors.js';
import type { Flow } from '../flow/flow.js';
import type { Step } from '../step/step.js';
import type { FlowLine } from '../store/flow-line.js';
import type { StepLine } from '../store/step-line.js';
import { type Difference, differences } from './differences.js';
import type { JournalHistory, Located } from './history.js';

type Parts = readonly string[];

export interface MissReasonOptions {
  readonly steps: readonly Step[];
  readonly keys: CacheKeys;
  readonly past: JournalHistory;
  /** The current definitions of the steps. */
  readonly now: Definitions;
  /** The definitions of earlier sessions. */
  readonly was: Definitions;
  /** True if the last session reached all its flows. */
  readonly complete: boolean;
}

/** Explains why the journal has no result for a step: the differences from the earlier session. */
export class MissReasons {
  readonly #steps: readonly Step[];
  readonly #keys: CacheKeys;
  readonly #past: JournalHistory;
  readonly #now: Definitions;
  readonly #was: Definitions;
  readonly #complete: boolean;

  constructor({ steps, keys, past, now, was, complete }: MissReasonOptions) {
    this.#steps = steps;
    this.#keys = keys;
    this.#past = past;
    this.#now = now;
    this.#was = was;
    this.#complete = complete;
  }

  /** @param place the step's position */
  of(step: Step, place: number, flow: Flow): Reason {
    const whose = { flow: flow.id, branch: flow.branch };
    const { parts = [] } = this.#keys.identify(place, flow) ?? {};
    const steps = this.#past.stepsOf(whose);
    const end = this.#past.endOf(whose);
    const before = this.#counterpart(steps, step, place, parts);
    if (end && end.offset > (before?.offset ?? 0) && this.#endedAt(step, place, end)) return endedBy(end);
    if (before) return this.#changed(before.line.parts, parts);
    if (steps.length === 0 && !end && flow.branch.length === 0) return this.#new(flow);
    return this.#isNew(step) ? { because: 'new step' } : { because: 'not reached' };
  }

  /** Of several steps of that name only the one in the place where it ended. */
  #endedAt({ name }: Step, place: number, { line }: Located<FlowLine>): boolean {
    if (line.error?.step !== name) return false;
    return line.steps.length === place + 1 || this.#steps.filter((step) => step.name === name).length === 1;
  }

  /**
   * The step's earlier counterpart: of the same name; of several the one with the same definition or in the same place.
   */
  #counterpart(
    steps: readonly Located<StepLine>[],
    { name }: Step,
    place: number,
    [fixed]: Parts,
  ): Located<StepLine> | undefined {
    const madeOf = ({ line }: Located<StepLine>) => line.parts?.[0] ?? '';
    // One that was replayed under another name has both.
    const named = steps.filter(
      (kept) => kept.line.record.name === name || this.#was[madeOf(kept)]?.name === name,
    );
    return (
      named.findLast((kept) => madeOf(kept) === fixed) ??
      named.findLast((kept) => this.#was[madeOf(kept)]?.place === place) ??
      named.findLast((kept) => !this.#now[madeOf(kept)])
    );
  }

  #changed(before: Parts | undefined, after: Parts): Reason {
    if (!before) return { because: 'result gone' };
    const [was, ...earlier] = before;
    const [is = '', ...now] = after;
    if (was !== is) return this.#redefined(was, is);
    const names = (this.#now[is]?.names ?? []).filter((_, at) => earlier[at] !== now[at]);
    return names.length > 0 ? { because: 'changed inserts', names } : { because: 'result gone' };
  }

  #redefined(before = '', after: string): Reason {
    const [was, now] = [this.#was[before], this.#now[after]];
    return {
      because: 'changed definition',
      differences: was && now ? differences(was.fixed, now.fixed) : [],
    };
  }

  /** An edited file makes another flow of it. */
  #new({ inputs }: Flow): Reason {
    const before = this.#past.like(inputs).at(-1)?.line.inputs ?? {};
    const changed = Object.entries(inputs).flatMap(([key, { path, sha256 }]): ChangedInput[] => {
      const was = before[key];
      return was && path !== null && was.sha256 !== sha256 ? [{ key, path }] : [];
    });
    if (changed.length > 0) return { because: 'changed inputs', inputs: changed };
    return { because: this.#complete ? 'new flow' : 'not begun' };
  }

  #isNew({ name }: Step): boolean {
    const known = Object.values(this.#was);
    return known.length > 0 && !known.some((definition) => definition.name === name);
  }
}

function endedBy({ line: { status, error } }: Located<FlowLine>): Reason {
  if (status !== 'failed' || !error) return { because: 'cancelled' };
  return { because: 'failed', kind: error.kind, message: error.message };
}

/** Why a step isn't replayed. */
export type Reason =
  /** No flow had these files before. */
  | { readonly because: 'new flow' }
  /** The last session didn't come to all its flows; this one may be new, too. */
  | { readonly because: 'not begun' }
  /** A flow had these files, with other contents. */
  | { readonly because: 'changed inputs'; readonly inputs: readonly ChangedInput[] }
  | { readonly because: 'failed'; readonly kind: FailureKind; readonly message: string }
  | { readonly because: 'cancelled' }
  /** The flow didn't come that far. */
  | { readonly because: 'not reached' }
  /** The config had no such step. */
  | { readonly because: 'new step' }
  /** None are known where the values that differ aren't kept, or those of then weren't. */
  | { readonly because: 'changed definition'; readonly differences: readonly Difference[] }
  /** The inserted values differ; `names` as in the definition. */
  | { readonly because: 'changed inserts'; readonly names: readonly string[] }
  /** A line of the journal, or a file, was deleted. */
  | { readonly because: 'result gone' }
  /** It builds on the output of a step that isn't known yet. */
  | { readonly because: 'earlier step'; readonly step: string }
  /** It runs once for each element that a step puts out. */
  | { readonly because: 'elements'; readonly step: string }
  /** The step has no fingerprint. */
  | { readonly because: 'unrecognisable' }
  | { readonly because: 'unreadable input'; readonly message: string };

/** A key's file whose content changed. */
interface ChangedInput {
  readonly key: string;
  readonly path: string;
}
