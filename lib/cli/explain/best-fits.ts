import type { Choosable, FlowChoice } from './flow-choice.js';

/** So many are remembered. */
const MOST = 6;

/** Of flows that pass by, those that fit a choice best: at most six. */
export class BestFits<F extends Choosable> {
  readonly #choice: FlowChoice;
  readonly #keyOf: (flow: F) => string;
  #best = Number.NEGATIVE_INFINITY;
  #flows = new Map<string, F>();

  /** @param keyOf of flows with the same key the last one counts */
  constructor(choice: FlowChoice, keyOf: (flow: F) => string) {
    this.#choice = choice;
    this.#keyOf = keyOf;
  }

  add(flow: F): void {
    const fit = this.#choice.fit(flow);
    if (fit === null || fit < this.#best) return;
    if (fit > this.#best) this.#flows = new Map();
    this.#best = fit;
    const key = this.#keyOf(flow);
    if (this.#flows.size < MOST || this.#flows.has(key)) this.#flows.set(key, flow);
  }

  get flows(): readonly F[] {
    return [...this.#flows.values()];
  }
}
