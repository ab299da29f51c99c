import type { RunEvent } from '../flow/events.js';

export interface KeptFlowsOptions {
  /** How many flows there are; null where that is unknown. */
  readonly total: number | null;
  /** How many of them an earlier attempt at the run has done, by their paths. */
  readonly doneBefore: number;
}

/**
 * How many flows of a run are kept from an earlier session. Those that wait to be replayed count from the beginning. A
 * flow whose file has changed since is recognised only when it runs: then there is no longer room for it among the
 * others.
 */
export class KeptFlows {
  readonly #options: KeptFlowsOptions;
  #replayed = 0;
  #done = 0;
  /** Flows that are in flight and not merely replayed; whether some of their work has ended. */
  readonly #working = new Map<string, boolean>();

  constructor(options: KeptFlowsOptions) {
    this.#options = options;
  }

  add(event: RunEvent): void {
    if (event.type === 'finish') this.#finish(event.flow, event.replayed ?? false);
    else if (this.#options.doneBefore > 0) this.#move(event);
  }

  /** Flows that were replayed, or wait for it. */
  get count(): number {
    const { total, doneBefore } = this.#options;
    if (total === null) return this.#replayed;
    const left = total - this.#done - this.#working.size;
    return Math.max(this.#replayed, Math.min(doneBefore, left));
  }

  /** Flows that have ended with work of their own, and those that are kept. */
  get finished(): number {
    return this.#done + this.count;
  }

  #finish(flow: string, replayed: boolean): void {
    this.#working.delete(flow);
    if (replayed) this.#replayed++;
    else this.#done++;
  }

  #move({ type, flow, record }: Exclude<RunEvent, { type: 'finish' }>): void {
    const hasWorked = this.#working.get(flow);
    if (type === 'enter') this.#working.set(flow, hasWorked ?? false);
    else if (!record?.replayed) this.#working.set(flow, true);
    else if (!hasWorked) this.#working.delete(flow);
  }
}
