import type { StepEvent } from '../flow/events.js';
import { eta, type StepPace, type StepsLimit } from './eta.js';
import { Load } from './load.js';

type Mutable = { -readonly [F in keyof StepPace]: StepPace[F] };

/** How fast a run goes, by its events. Changed in place: there may be millions. */
export class RunPace {
  readonly #steps: readonly Mutable[];
  /** Of all steps, at work or waiting. */
  readonly #load = new Load();
  #workMs = 0;
  #waitedMs = 0;
  readonly #doneBefore: number;

  /**
   * @param steps how many there are
   * @param doneBefore how many flows only have to be replayed, after the others
   */
  constructor(steps: number, doneBefore = 0) {
    this.#doneBefore = doneBefore;
    this.#steps = Array.from({ length: steps }, () => ({ entered: 0, left: 0, replayed: 0, ms: 0 }));
  }

  add({ type, index, at, record }: StepEvent): void {
    const step = this.#steps[index];
    if (!step) return;
    if (type === 'enter') {
      step.entered++;
      this.#load.started(at);
      return;
    }
    step.left++;
    this.#load.ended(at);
    if (record?.replayed) step.replayed++;
    else if (record) {
      step.ms += record.ms;
      this.#workMs += record.ms;
      this.#waitedMs += record.waitedMs ?? 0;
    }
  }

  /** Flows and branches now at each step. */
  get present(): readonly number[] {
    return this.#steps.map(({ entered, left }) => entered - left);
  }

  /**
   * Milliseconds that the run will take from `now` on; null as long as that is a mere guess, or nothing is left.
   *
   * @param limits that hold calls back
   */
  left(
    total: number | null,
    finished: number,
    now: number,
    limits: readonly StepsLimit[] = [],
  ): number | null {
    const begun = this.#steps[0]?.entered ?? 0;
    const toDo = total === null ? null : Math.max(begun, total - this.#doneBefore);
    return eta({ total: toDo, finished, steps: this.#steps, load: this.#working(now), limits }) || null;
  }

  /** Estimates how many flows are working (not waiting) from the share of time that earlier visits spent working. */
  #working(now: number): number {
    const stay = this.#workMs + this.#waitedMs;
    return stay > 0 ? (this.#load.average(now) * this.#workMs) / stay : 0;
  }
}
