import { basename, dirname } from 'node:path';
import type { Store } from './contract.js';
import { UntrustedRun, writing } from './errors.js';
import { openJournal } from './journal.js';
import { type Holder, type Lock, lock } from './lock.js';
import { type Facts, readRunFile, writeRunFile } from './run-file.js';
import { idOf, lockIn, makeRunFolder } from './run-folder.js';
import { noteSitting } from './runs.js';
import { Signer } from './signer.js';
import { spentIn } from './spent.js';
import type { UserKey } from './user-key.js';

/** The store of one run. It owns the run's folder until it is closed. */
export interface RunStore extends Store {
  readonly id: string;
  /** Relative where the generated folder was given so. */
  readonly folder: string;
  /** Bytes of a torn last line that were cut off the journal; 0 where it was whole. */
  readonly torn: number;
  /** The process that went down with the run's lock; null where it was free. */
  readonly takenFrom: Holder | null;
  /**
   * Writes everything saved until now: it outlives the process when this returns, and soon the machine. Throws a
   * WriteFailure when that fails.
   */
  write(): void;
  /** Resolves when all that was saved until now is on the disk. Rejects with a WriteFailure when it can't be. */
  flushed(): Promise<void>;
}

export interface RunStoreOptions {
  /**
   * Signs the run's files, and checks their signatures. Default: none; nothing is signed, and any run can be opened.
   */
  readonly key?: UserKey | null;
  /** The user trusts the run's files, whatever their signature. */
  readonly vouched?: boolean;
}

/** Begins a run with a folder of its own. Rejects with a WriteFailure. @param info for `run.json` */
export async function createRun(
  generated: string,
  info: Facts,
  options?: RunStoreOptions,
): Promise<RunStore> {
  return openRun(await writing(generated, () => makeRunFolder(generated)), info, options);
}

/**
 * Opens a run to resume it; `info` replaces the content of `run.json`. Rejects with a LockError where another process
 * has it, a JournalError where its journal is damaged, an UntrustedRun where it isn't signed by the key's owner, and a
 * WriteFailure where it can't be written.
 */
export async function openRun(folder: string, info: Facts, options: RunStoreOptions = {}): Promise<RunStore> {
  const held = await lock(lockIn(folder));
  try {
    return await openHeld(folder, info, options, held);
  } catch (error) {
    await held.release();
    throw error;
  }
}

async function openHeld(
  folder: string,
  info: Facts,
  { key = null, vouched = false }: RunStoreOptions,
  { takenFrom, release }: Lock,
): Promise<RunStore> {
  const signer = key && new Signer(key, folder);
  await assertSigned(folder, signer, vouched);
  const journal = await openJournal(folder, { signer, vouched });
  const id = idOf(folder) ?? basename(folder);
  try {
    await writeRunFile(folder, { info, end: null }, signer);
    await noteSitting(dirname(folder), id);
  } catch (error) {
    await journal.close().catch(() => {}); // report the first error
    throw error;
  }
  return {
    id,
    folder,
    torn: journal.torn,
    takenFrom,
    wasDone: journal.wasDone,
    find: (identity) => journal.find(identity),
    saveStep: (step, forLater) => journal.saveStep(step, forLater),
    saveFlow: (flow) => journal.saveFlow(flow),
    saveCall: (call) => journal.saveCall(call),
    spent: () => spentIn(folder),
    ready: () => journal.ready(),
    write: () => journal.write(),
    flushed: () => journal.flushed(),
    failed: journal.failed,
    close: (end) =>
      inTurn(
        () => journal.close(),
        () => writeRunFile(folder, { info, end }, signer),
        release,
      ),
  };
}

/** Without `run.json` the journal's signature decides. */
async function assertSigned(folder: string, signer: Signer | null, vouched: boolean): Promise<void> {
  if (!signer || vouched) return;
  const file = await readRunFile(folder, signer);
  if (file && !file.isSigned) throw new UntrustedRun(folder);
}

/** Runs all tasks, whatever fails; then rejects with the first error. */
async function inTurn(...tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const task of tasks) await task().catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
