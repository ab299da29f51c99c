import { oneLine } from '../../one-line.js';
import type { ResultRecord } from '../../record.js';

interface Group {
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
    const key = `${record.error.step ?? 'before the first step'}: ${record.error.kind}`;
    const group = this.#groups.get(key);
    if (group) group.count++;
    else this.#groups.set(key, { count: 1, first: record });
  }

  /** One headline, then one line a group; empty when nothing failed. */
  lines(): string[] {
    if (this.#failed === 0) return [];
    const groups = [...this.#groups].map(([key, group]) => describeGroup(key, group));
    return [`${this.#failed} failed:`, ...groups];
  }
}

/** `  draft: rate_limit x12, first in flow b1946ac92492d234: 429 … (hint)` */
function describeGroup(key: string, { count, first }: Group): string {
  const branch = first.branch ? ` branch ${first.branch.join('.')}` : '';
  const message = oneLine(first.error?.message ?? '');
  const hint = first.error?.hint ? ` (${oneLine(first.error.hint)})` : '';
  return `  ${oneLine(key)} x${count}, first in flow ${first.flow}${branch}: ${message}${hint}`;
}
