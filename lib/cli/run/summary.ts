import type { ResultRecord } from '../../flow/record.js';
import { oneLine } from '../../util/text.js';

interface Group {
  /** The failed step's position; null where none was reached. */
  readonly place: number | null;
  count: number;
  readonly first: ResultRecord;
}

/** Counts what failed, by step and kind; keeps the first record of each, whatever the number of flows. */
export class Summary {
  readonly #groups = new Map<string, Group>();
  #failed = 0;

  get failed(): number {
    return this.#failed;
  }

  add(record: ResultRecord): void {
    if (record.status !== 'failed' || !record.error) return;
    this.#failed++;
    // A record has all steps up to the one that failed.
    const place = record.error.step === null ? null : Math.max(record.steps.length - 1, 0);
    const key = `${place} ${record.error.kind}`;
    const group = this.#groups.get(key);
    if (group) group.count++;
    else this.#groups.set(key, { place, count: 1, first: record });
  }

  /** One headline, then one line a group; empty when nothing failed. @param labels what people call the steps */
  lines(labels: readonly string[]): string[] {
    if (this.#failed === 0) return [];
    const groups = [...this.#groups.values()].map((group) => describeGroup(group, labels));
    return [`${this.#failed} failed:`, ...groups];
  }
}

/** `  draft: rate_limit x12, first in flow b1946ac92492d234: 429 … (hint)` */
function describeGroup({ place, count, first }: Group, labels: readonly string[]): string {
  const step = place === null ? 'before the first step' : (labels[place] ?? first.error?.step);
  const branch = first.branch ? ` branch ${first.branch.join('.')}` : '';
  const message = oneLine(first.error?.message ?? '');
  const hint = first.error?.hint ? ` (${oneLine(first.error.hint)})` : '';
  return `  ${oneLine(`${step}: ${first.error?.kind}`)} x${count}, first in flow ${first.flow}${branch}: ${message}${hint}`;
}
