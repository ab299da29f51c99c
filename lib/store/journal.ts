import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openPrivate } from '../files/private-files.js';
import { Appender } from './appender.js';
import type { StepIdentity, Store, StoredCall, StoredFlow, StoredStep } from './contract.js';
import { UntrustedRun, writing } from './errors.js';
import { flowHead, flowLine, saysTheSame } from './flow-line.js';
import { journalIn, readJournal, type Source } from './journal-file.js';
import { findStep } from './journal-view.js';
import { FIRST_LINE } from './line.js';
import { LineIndex } from './line-index.js';
import { LineReader } from './line-reader.js';
import { Marks } from './marks.js';
import { Outputs } from './outputs.js';
import { callLine, stepHead, stepLine } from './step-line.js';

interface Parts {
  readonly handle: FileHandle;
  readonly appender: Appender;
  readonly steps: LineIndex;
  /** Of the flows that had ended when it was opened. */
  readonly flows: LineIndex;
  /** Of the flows that had ended when it was opened: whether they were done. */
  readonly done: Marks;
  readonly outputs: Outputs;
  readonly torn: number;
}

/** The journal of a run, open for writing; its owner holds the run's lock. */
export class Journal implements Omit<Store, 'close'> {
  /** How many bytes of a torn last line were cut off when it was opened. */
  readonly torn: number;
  readonly wasDone: Store['wasDone'];
  readonly #handle: FileHandle;
  readonly #appender: Appender;
  readonly #steps: LineIndex;
  readonly #flows: LineIndex;
  readonly #outputs: Outputs;

  /** @see openJournal */
  constructor({ handle, appender, steps, flows, done, outputs, torn }: Parts) {
    this.torn = torn;
    this.wasDone = done.isEmpty ? undefined : (mark) => done.get(mark);
    this.#handle = handle;
    this.#appender = appender;
    this.#steps = steps;
    this.#flows = flows;
    this.#outputs = outputs;
  }

  find(identity: StepIdentity): StoredStep | null {
    return findStep(identity, this.#steps, this.#outputs);
  }

  saveStep(step: StoredStep, forLater = false): void {
    const line = () => stepLine(step, this.#outputs.field(step.output));
    if (forLater) {
      this.#appender.addUnmade(line);
      return;
    }
    const offset = this.#appender.add(line);
    if (offset !== undefined) this.#steps.add(stepHead(step), offset);
  }

  saveFlow(flow: StoredFlow): void {
    const line = () =>
      flowLine(flow, flow.output === undefined ? undefined : this.#outputs.field(flow.output));
    const known = this.#flows.isEmpty ? undefined : this.#flows.last(flowHead(flow));
    if (known && saysTheSame(known.text, line())) return;
    this.#appender.addUnmade(line);
  }

  saveCall(call: StoredCall): void {
    this.#appender.add(() => callLine(call));
  }

  /** As a run's store has it. */
  write(): void {
    this.#appender.write();
  }

  ready(): Promise<void> | null {
    return this.#appender.ready();
  }

  /** As a run's store has it. */
  flushed(): Promise<void> {
    return this.#appender.flushed();
  }

  get failed(): Promise<never> {
    return this.#appender.failed;
  }

  /** Writes the rest. Rejects with a WriteFailure when that fails; the file is closed all the same. */
  async close(): Promise<void> {
    await this.flushed().finally(() => this.#handle.close());
  }
}

/** The signer of a journal's lines; `vouched`: the user trusts unsigned ones, too. */
type Trust = Pick<Source, 'signer' | 'vouched'>;

const NO_SIGNATURES: Trust = { signer: null, vouched: false };

/**
 * Opens a run's journal, or begins it, and cuts off a torn end. Rejects with a JournalError where a line is damaged,
 * with an UntrustedRun where it isn't signed and the user doesn't trust it, and with a WriteFailure where the file
 * can't be opened or mended.
 */
export async function openJournal(folder: string, { signer, vouched } = NO_SIGNATURES): Promise<Journal> {
  const file = journalIn(folder);
  const handle = await writing(file, () => openPrivate(file, dirname(folder), 'update'));
  try {
    const reader = new LineReader(handle.fd);
    const outputs = new Outputs(folder);
    const newIndexes = () => ({
      steps: new LineIndex(file, (offset) => appender.lineAt(offset) ?? reader.lineAt(offset)),
      flows: new LineIndex(file, (offset) => reader.lineAt(offset)),
      done: new Marks(),
    });
    const read = await readJournal(newIndexes, { handle, file, signer, vouched });
    const { indexes, end, torn, hasVersion, mac } = read;
    const isForeign = signer !== null && !read.isSigned;
    if (isForeign && !vouched) throw new UntrustedRun(file);
    if (torn > 0) await writing(file, () => handle.truncate(end));
    const appender = new Appender({ handle, file, end, outputs, mac });
    // The version line may have been deleted, as any line may; and the MAC of the next write signs the lines that the
    // user trusts.
    if (!hasVersion || isForeign) appender.add(() => FIRST_LINE);
    return new Journal({ handle, appender, ...indexes, outputs, torn });
  } catch (error) {
    await handle.close();
    throw error;
  }
}
