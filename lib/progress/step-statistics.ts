import type { Observable } from 'rxjs';
import type { RunEvent } from '../flow/events.js';
import type { StepRecord, Usage } from '../flow/flow.js';
import { UsageTotals } from '../flow/spending.js';
import { NO_USAGE } from '../flow/usage.js';
import { Quantiles } from './quantiles.js';

/** The figures of one step's calls. */
export interface StepFigures {
  readonly name: string;
  /** Calls that did work of their own; not those served by another flow or an earlier session. */
  readonly calls: number;
  /** Further attempts of those. */
  readonly retries: number;
  readonly usage: Usage;
  /** The part of the input that was cached, 0 to 1; null where there was none. */
  readonly cachedShare: number | null;
  /** The part of the input that was written to the provider's cache, 0 to 1; null where no server tells. */
  readonly writtenShare: number | null;
  /** Dollars; null where some of it is unknown. */
  readonly costUsd: number | null;
  /** Dollars of calls with a known cost. */
  readonly knownUsd: number;
  /** Milliseconds that half of the calls took at most; null where there were none. */
  readonly p50: number | null;
  readonly p95: number | null;
}

/** Adds up the calls of a run, step by step, in memory that doesn't grow with their number. */
export class StepStatistics {
  readonly #steps: readonly OfStep[];

  /** @param names of the steps, in order */
  constructor(names: readonly string[]) {
    this.#steps = names.map((name) => new OfStep(name));
  }

  /** The step at a position has ended, well or not. */
  add(position: number, record: StepRecord): void {
    if (record.shared || record.replayed || record.attempts === 0) return;
    this.#steps[position]?.add(record);
  }

  figures(): StepFigures[] {
    return this.#steps.map((step) => step.figures());
  }
}

/** Adds up while it is subscribed to the events. */
export function statisticsOf(events$: Observable<RunEvent>, names: readonly string[]): StepStatistics {
  const statistics = new StepStatistics(names);
  events$.subscribe((event) => {
    if (event.type === 'exit' && event.record) statistics.add(event.index, event.record);
  });
  return statistics;
}

class OfStep {
  readonly #name: string;
  readonly #ms = new Quantiles();
  readonly #usageTotals = new UsageTotals();
  #calls = 0;
  #retries = 0;

  constructor(name: string) {
    this.#name = name;
  }

  add({ ms, attempts, usage, costUsd }: StepRecord): void {
    this.#calls++;
    this.#retries += Math.max(0, attempts - 1);
    this.#ms.add(ms);
    if (usage || costUsd !== undefined) this.#usageTotals.add(usage ?? NO_USAGE, costUsd ?? null);
  }

  figures(): StepFigures {
    const { usage, sum } = this.#usageTotals;
    const { inputTokens, cachedInputTokens, cacheWriteInputTokens } = usage;
    const share = (tokens: number) => (inputTokens > 0 ? tokens / inputTokens : null);
    return {
      name: this.#name,
      calls: this.#calls,
      retries: this.#retries,
      usage,
      cachedShare: share(cachedInputTokens),
      writtenShare: cacheWriteInputTokens === undefined ? null : share(cacheWriteInputTokens),
      costUsd: sum.unknown > 0 ? null : sum.costUsd,
      knownUsd: sum.costUsd,
      p50: this.#ms.at(0.5),
      p95: this.#ms.at(0.95),
    };
  }
}
