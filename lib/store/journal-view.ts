import { dirname } from 'node:path';
import { ConfigError, codeOf } from '../errors.js';
import { openPrivate } from '../private-files.js';
import type { StepIdentity, StoredStep } from './contract.js';
import { findStep } from './find-step.js';
import { journalIn, readInto } from './journal-file.js';
import { LineIndex } from './line-index.js';
import { LineReader } from './line-reader.js';
import { Outputs } from './outputs.js';

/** A journal that is open for reading; the run may be live. */
export interface JournalView {
  readonly steps: LineIndex;
  readonly flows: LineIndex;
  readonly outputs: Outputs;
  find(identity: StepIdentity): StoredStep | null;
  close(): Promise<void>;
}

/** Opens a run's journal as it is now. Rejects with a JournalError where a line is damaged, with a ConfigError where there is none. */
export async function viewJournal(folder: string): Promise<JournalView> {
  const file = journalIn(folder);
  const handle = await openPrivate(file, dirname(folder), 'read').catch((error) => {
    throw missing(folder, error);
  });
  const reader = new LineReader(handle.fd);
  const lineAt = (offset: number) => reader.lineAt(offset);
  const [steps, flows] = [new LineIndex(file, lineAt), new LineIndex(file, lineAt)];
  const outputs = new Outputs(folder);
  const close = () => handle.close();
  try {
    await readInto({ steps, flows }, handle, file);
  } catch (error) {
    await close();
    throw error;
  }
  return { steps, flows, outputs, find: (identity) => findStep(identity, steps, outputs), close };
}

function missing(folder: string, error: unknown): unknown {
  if (codeOf(error) !== 'ENOENT') return error;
  const message = `${folder} has no journal: the run broke off before anything was kept`;
  return new ConfigError([{ where: '', message }]);
}
