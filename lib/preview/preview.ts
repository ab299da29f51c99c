import type { Definitions } from '../cache/cache-keys.js';
import type { SharedResult } from '../cache/coalescing.js';
import { ResultCache } from '../cache/result-cache.js';
import type { Flow } from '../flow/flow.js';
import { stepLabels } from '../step/labels.js';
import type { Step } from '../step/step.js';
import type { JournalView } from '../store/journal-view.js';
import { JournalHistory, readOnlyStore } from './history.js';
import { type HypotheticalFlow, hypotheticalFlow, passed, passedUnknown } from './hypothetical-flow.js';
import { MissReasons, type Reason } from './miss-reasons.js';

/** The resume's action for one step of a flow, or of one of its branches. */
export interface StepPreview {
  /** The step's position, from 0. */
  readonly place: number;
  readonly branch: readonly number[];
  /**
   * - `replayed`: its result is stored. - `shared`: another flow makes, or has made, the same call. - `runs`. - `open`:
   * it is replayed or runs, depending on the output of an earlier step. - `fails`: before it starts.
   */
  readonly verdict: 'replayed' | 'shared' | 'runs' | 'open' | 'fails';
  /** Null where it doesn't run. */
  readonly reason: Reason | null;
}

type Verdict = Pick<StepPreview, 'verdict' | 'reason'> & {
  /** Where it is known. */
  readonly result?: SharedResult;
};

export interface ResumePreviewOptions {
  readonly steps: readonly Step[];
  /** Names of the steps whose output a later template asks for. */
  readonly kept: ReadonlySet<string>;
  /** The journal of the run that would be resumed. */
  readonly view: JournalView;
  /** The current definitions of the steps. */
  readonly now: Definitions;
  /** The definitions of earlier sessions. */
  readonly was: Definitions;
  /** True if the last session reached all its flows. */
  readonly complete: boolean;
}

const ALWAYS: Verdict = { verdict: 'runs', reason: { because: 'unrecognisable' } };
const NO_WAITER = { served: () => {} };

/** Predicts a resume from the stored results; it starts nothing. */
export class ResumePreview {
  readonly #steps: readonly Step[];
  /** Names of the steps in messages. */
  readonly #labels: readonly string[];
  readonly #kept: ReadonlySet<string>;
  readonly #resultCache: ResultCache;
  readonly #why: MissReasons;

  constructor({ steps, kept, view, now, was, complete }: ResumePreviewOptions) {
    this.#steps = steps;
    this.#labels = stepLabels(steps.map(({ name }) => name));
    this.#kept = kept;
    this.#resultCache = new ResultCache(steps, readOnlyStore(view), true);
    this.#why = new MissReasons({
      steps,
      keys: this.#resultCache.keys,
      past: new JournalHistory(view),
      now,
      was,
      complete,
    });
  }

  /** Step by step, branch after branch. A flow that shares a call is served by those that were asked for before it. */
  of(flow: Flow): readonly StepPreview[] {
    const { branch, error } = flow;
    if (error)
      return [
        {
          place: 0,
          branch,
          verdict: 'fails',
          reason: { because: 'unreadable input', message: error.message },
        },
      ];
    const foreseen: StepPreview[] = [];
    this.#travel(hypotheticalFlow(flow), 0, 0, foreseen);
    return foreseen;
  }

  /** @param depth how many steps before the place can branch */
  #travel(at: HypotheticalFlow, place: number, depth: number, foreseen: StepPreview[]): void {
    const step = this.#steps[place];
    if (!step) return;
    const { branch } = at.flow;
    const { verdict, reason, result } = this.#judge(at, step, place);
    foreseen.push({ place, branch, verdict, reason });
    const branches = step.kind === 'operator' || step.array === true;
    const onward = (next: HypotheticalFlow) =>
      this.#travel(next, place + 1, branches ? depth + 1 : depth, foreseen);
    const isNew = verdict !== 'open' && reason?.because !== 'unrecognisable';
    if (result) passed(at, result, depth, this.#kept).forEach(onward);
    else if (step.kind === 'run' && step.array) foreseen.push(...this.#perElement(place, branch, isNew));
    else onward(passedUnknown(at, step, this.#labels[place] ?? step.name, isNew, this.#kept));
  }

  #judge(at: HypotheticalFlow, step: Step, place: number): Verdict {
    const { keys, coalescer } = this.#resultCache;
    const identity = keys.identify(place, at.flow);
    if (!identity) return ALWAYS;
    const { unknown } = at;
    if (unknown && keys.identify(place, at.alternate)?.key !== identity.key) {
      return {
        verdict: unknown.isNew ? 'runs' : 'open',
        reason: { because: 'earlier step', step: unknown.step },
      };
    }
    const kept = this.#resultCache.recall(identity);
    if (kept) return { verdict: 'replayed', reason: null, result: ofStep(step, kept) };
    const shared = step.kind === 'run' && step.share ? coalescer?.join(identity, NO_WAITER) : undefined;
    if (shared === 'follows') return { verdict: 'shared', reason: null };
    if (typeof shared === 'object') return { verdict: 'shared', reason: null, result: ofStep(step, shared) };
    return { verdict: 'runs', reason: this.#why.of(step, place, at.flow) };
  }

  /** The number of elements is unknown: one preview stands for all. */
  #perElement(place: number, branch: Flow['branch'], isNew: boolean): StepPreview[] {
    const verdict = isNew ? 'runs' : 'open';
    const reason: Reason = { because: 'elements', step: this.#labels[place] ?? '' };
    return this.#steps
      .slice(place + 1)
      .map((_, nth) => ({ place: place + 1 + nth, branch, verdict, reason }));
  }
}

/** The step may have another name by now. */
function ofStep({ name, type }: Step, { output, record }: SharedResult): SharedResult {
  return { output, record: { ...record, name, type } };
}
