import { dirname } from 'node:path';
import { ConfigError, codeOf } from '../errors.js';
import { openPrivate } from '../files/private-files.js';
import type { StepIdentity, StoredStep } from './contract.js';
import { journalIn, readJournal } from './journal-file.js';
import { LineIndex } from './line-index.js';
import { LineReader } from './line-reader.js';
import { Outputs } from './outputs.js';
import type { Signer } from './signer.js';
import { type StepLine, stepHead, storedStep } from './step-line.js';

/** A journal that is open for reading; the run may be live. */
export interface JournalView {
  readonly steps: LineIndex;
  readonly flows: LineIndex;
  readonly outputs: Outputs;
  /** True if the signer has signed all lines. The lines of a last write that was cut off are left out. */
  readonly isSigned: boolean;
  find(identity: StepIdentity): StoredStep | null;
  close(): Promise<void>;
}

/** Opens a run's journal as it is now. Rejects with a JournalError where a line is damaged, with a ConfigError where there is none. */
export async function viewJournal(folder: string, signer: Signer | null = null): Promise<JournalView> {
  const file = journalIn(folder);
  const handle = await openPrivate(file, dirname(folder), 'read').catch((error) => {
    throw missing(folder, error);
  });
  const reader = new LineReader(handle.fd);
  const lineAt = (offset: number) => reader.lineAt(offset);
  const newIndexes = () => ({ steps: new LineIndex(file, lineAt), flows: new LineIndex(file, lineAt) });
  const outputs = new Outputs(folder);
  const close = () => handle.close();
  try {
    const source = { handle, file, signer, vouched: false };
    const { indexes, isSigned } = await readJournal(newIndexes, source);
    const find = (identity: StepIdentity) => findStep(identity, indexes.steps, outputs);
    return { ...indexes, outputs, isSigned, find, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function missing(folder: string, error: unknown): unknown {
  if (codeOf(error) !== 'ENOENT') return error;
  const message = `${folder} has no journal: the run broke off before anything was kept`;
  return new ConfigError([{ where: '', message }]);
}

/** The step stored under an identity; null without one, or when the file with its output is missing. */
export function findStep(identity: StepIdentity, steps: LineIndex, outputs: Outputs): StoredStep | null {
  if (steps.isEmpty) return null; // as in most runs: their heads aren't worth making
  const found = steps.last(stepHead(identity));
  if (!found) return null;
  const line: StepLine = JSON.parse(found.text);
  const output = outputs.read(line);
  return output === undefined || output === null ? null : storedStep(line, output);
}
