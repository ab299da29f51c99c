import type { StepRecord } from '../flow/flow.js';
import { SpendingTotals, tokensIn } from '../flow/spending.js';
import { formatKnownUsd } from '../util/dollars.js';
import { once } from '../util/once.js';

/** Usage of this session's calls. */
export class Spent {
  readonly #totals = new SpendingTotals();

  /** A step has ended, well or not. A shared or replayed result costs nothing again. */
  add({ usage, costUsd, shared, replayed }: StepRecord): void {
    if ((!usage && costUsd === undefined) || shared || replayed) return;
    this.#totals.add({ tokens: usage ? tokensIn(usage) : 0, costUsd: costUsd ?? null });
  }

  /** `1.2M tok $0.42`; `$0.42+` where some of it is unknown, no dollars where all is. Empty where nothing was used. */
  get text(): string {
    const { tokens, costUsd, unknown } = this.#totals.sum;
    const parts = [
      ...(tokens > 0 ? [`${inShort(tokens)} tok`] : []),
      ...(costUsd > 0 ? [formatKnownUsd(costUsd, unknown === 0)] : []),
    ];
    return parts.join(' ');
  }
}

/** `950`, `1.2K`, `3M` */
function inShort(tokens: number): string {
  return tokens < 1000 ? String(tokens) : short().format(tokens);
}

const short = once(() => new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }));
