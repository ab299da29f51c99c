import { tokensIn, UsageTotals } from '../cost/spending.js';
import type { StepRecord } from '../flow/flow.js';
import { NO_USAGE } from '../flow/usage.js';
import { formatKnownUsd } from '../util/dollars.js';
import { once } from '../util/once.js';

/** Usage of this session's calls. */
export class Spent {
  readonly #usageTotals = new UsageTotals();

  /** A step has ended, well or not. What another flow or an earlier session has paid for costs nothing again. */
  add({ usage, costUsd, shared, replayed }: StepRecord): void {
    if ((!usage && costUsd === undefined) || shared || replayed) return;
    this.#usageTotals.add(usage ?? NO_USAGE, costUsd ?? null);
  }

  /** `1.2M tok $0.42`; `$0.42+` where some of it is unknown, no dollars where all is. Empty where nothing was used. */
  get text(): string {
    const { usage, knownUsd, unpriced } = this.#usageTotals;
    const tokens = tokensIn(usage);
    const parts = [
      ...(tokens > 0 ? [`${inShort(tokens)} tok`] : []),
      ...(knownUsd > 0 ? [formatKnownUsd(knownUsd, unpriced === 0)] : []),
    ];
    return parts.join(' ');
  }
}

/** `950`, `1.2K`, `3M` */
function inShort(tokens: number): string {
  return tokens < 1000 ? String(tokens) : short().format(tokens);
}

const short = once(() => new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }));
