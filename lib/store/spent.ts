import { dirname } from 'node:path';
import { codeOf } from '../errors.js';
import { openPrivate } from '../files/private-files.js';
import { NO_SUM, type Spending, SpendingTotals } from '../flow/spending.js';
import type { StoredCall, StoredSpending } from './contract.js';
import { JournalError } from './errors.js';
import { journalIn, scan, type Visit } from './journal-file.js';
import { headEnd, kindOf, NEWLINE, sumOf, textOf } from './line.js';
import { LineReader } from './line-reader.js';
import { OffsetTable } from './offset-table.js';
import { usedIn } from './step-line.js';

/**
 * Usage of all calls of a run, in all its sessions; the run may be live. A call without a logged end counts by its
 * estimate, and a duplicated line counts once. Rejects with a JournalError where the journal is damaged.
 */
export async function spentIn(folder: string): Promise<StoredSpending> {
  const file = journalIn(folder);
  const handle = await openPrivate(file, dirname(folder), 'read').catch((error) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  });
  if (!handle) return NO_SUM;
  try {
    const calls = new Calls();
    const seen = new LineSet(handle.fd);
    const visit: Visit = (bytes, start, offset) => {
      const kind = kindOf(bytes, start);
      const line = () => bytes.subarray(start, bytes.indexOf(NEWLINE, start));
      const used = kind === 'step' && usedIn(bytes, headEnd(bytes, start));
      if ((kind !== 'call' && !used) || !seen.add(line(), offset)) return;
      if (used) calls.addUsed(used);
      else calls.add(parsed(line(), file, offset));
    };
    await scan(handle, file, { visit });
    return calls.spending;
  } finally {
    await handle.close();
  }
}

/** Earlier versions wrote down numbers that JSON doesn't have. */
function parsed(line: Buffer, file: string, offset: number): StoredCall {
  try {
    return JSON.parse(textOf(line));
  } catch {
    const hint = "Delete that line: then its call isn't counted.";
    throw new JournalError("the line isn't JSON", { file, offset, hint });
  }
}

/** Adds up calls; those that began are kept apart until they end. */
class Calls {
  readonly #open = new Map<string, StoredCall>();
  readonly #real = new SpendingTotals();
  readonly #simulated = new SpendingTotals();

  add(call: StoredCall): void {
    const name = call.call.join();
    if (call.open) {
      this.#open.set(name, call);
      return;
    }
    this.#open.delete(name);
    this.addUsed(call);
  }

  addUsed(used: Spending): void {
    const totals = used.simulated ? this.#simulated : this.#real;
    totals.add(used);
  }

  get spending(): StoredSpending {
    for (const call of this.#open.values()) this.addUsed(call);
    this.#open.clear();
    const { sum } = this.#real;
    return this.#simulated.isEmpty ? sum : { ...sum, simulated: this.#simulated.sum };
  }
}

/** The lines of a journal, each once: an editor, or a copy, may have doubled some. */
class LineSet {
  readonly #reader: LineReader;
  readonly #offsets = new OffsetTable();

  /** @param fd of the journal, open for reading */
  constructor(fd: number) {
    this.#reader = new LineReader(fd);
  }

  /** False where the same line was added before. @param line sound, without its newline */
  add(line: Buffer, offset: number): boolean {
    const sum = sumOf(line);
    const isSame = (earlier: number) => this.#reader.lineAt(earlier)?.equals(line) || undefined;
    if (this.#offsets.last(sum, isSame)) return false;
    this.#offsets.add(sum, offset);
    return true;
  }
}
