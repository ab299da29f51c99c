import type { Foreseen } from '../../preview/preview.js';
import type { Reason } from '../../preview/why.js';
import { reasonOfMany } from './reasons.js';

interface Group {
  readonly reason: Reason;
  count: number;
}

type Verdict = Foreseen['verdict'];

const VERDICTS: readonly Verdict[] = ['replayed', 'shared', 'runs', 'open', 'fails'];

/** Counts what a resume would do, step by step, whatever the number of flows. */
export class OutlookTotals {
  readonly #names: readonly string[];
  readonly #steps: readonly StepTotals[];

  /** @param names of the steps */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.#steps = names.map(() => new StepTotals());
  }

  add(foreseen: readonly Foreseen[]): void {
    for (const each of foreseen) this.#steps[each.place]?.add(each);
  }

  /** `draft: 340 replayed, 2 run: 1 new flow, 1 with a changed {{{doc}}}` */
  lines(): string[] {
    return this.#steps.map((step, place) => `${this.#names[place]}: ${step.text()}`);
  }
}

class StepTotals {
  readonly #counts = new Map<Verdict, number>();
  /** By verdict and by what is said of them: their number is small. */
  readonly #groups = new Map<Verdict, Map<string, Group>>();

  add({ verdict, reason }: Foreseen): void {
    this.#counts.set(verdict, (this.#counts.get(verdict) ?? 0) + 1);
    if (!reason) return;
    const groups = this.#groups.get(verdict) ?? new Map<string, Group>();
    this.#groups.set(verdict, groups);
    const said = reasonOfMany(reason, 1);
    const group = groups.get(said) ?? { reason, count: 0 };
    groups.set(said, group);
    group.count++;
  }

  text(): string {
    const parts = VERDICTS.flatMap((verdict) => {
      const count = this.#counts.get(verdict) ?? 0;
      return count > 0 ? [`${count} ${said(verdict, count)}${this.#reasons(verdict)}`] : [];
    });
    return parts.join(', ') || 'nothing to do';
  }

  #reasons(verdict: Verdict): string {
    const groups = [...(this.#groups.get(verdict)?.values() ?? [])].sort((a, b) => b.count - a.count);
    const [first, second] = groups;
    if (first && !second) return `: ${reasonOfMany(first.reason, first.count)}`;
    const texts = groups.map(({ reason, count }) => `${count} ${reasonOfMany(reason, count)}`);
    return texts.length > 0 ? `: ${texts.join(', ')}` : '';
  }
}

function said(verdict: Verdict, count: number): string {
  if (verdict === 'runs' && count > 1) return 'run';
  return verdict === 'fails' && count > 1 ? 'fail' : verdict;
}
