import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { JournalError } from './errors.js';
import { endIn } from './flow-line.js';
import { headEnd, headOf, isOurVersion, kindOf } from './line.js';
import type { LineIndex } from './line-index.js';
import type { Marks } from './marks.js';
import { type Scanned, scan } from './scan.js';

/** The lines that somebody is going to ask for. */
export interface Indexes {
  readonly steps?: LineIndex;
  readonly flows?: LineIndex;
  /** Of the flows that are done. */
  readonly done?: Marks;
}

/** The path of a run's journal. */
export function journalIn(folder: string): string {
  return join(folder, 'journal.ndjson');
}

/** What was read. */
export interface Read extends Scanned {
  /** Whether a line says which version of the format it is. */
  readonly hasVersion: boolean;
}

/** Adds the lines of a journal to the indexes. Rejects with a JournalError where one is damaged, or it is of a later version. */
export async function readInto(indexes: Indexes, handle: FileHandle, file: string): Promise<Read> {
  let hasVersion = false;
  const scanned = await scan(handle, file, (bytes, start, offset) => {
    switch (kindOf(bytes, start)) {
      case 'step':
        indexes.steps?.add(headOf(bytes, start), offset);
        break;
      case 'flow':
        indexes.flows?.add(headOf(bytes, start), offset);
        if (indexes.done) note(endIn(bytes, headEnd(bytes, start)), indexes.done);
        break;
      case 'journal':
        if (!isOurVersion(bytes, start)) throw ofLaterVersion(file);
        hasVersion = true;
    }
  });
  return { ...scanned, hasVersion };
}

/** Of several ends of a flow the last one counts. */
function note({ mark, status }: ReturnType<typeof endIn>, done: Marks): void {
  done.set(mark, status === 'done' || status === 'dropped');
}

function ofLaterVersion(file: string): JournalError {
  const hint = 'Go on with the version that began the run, or start a new run.';
  return new JournalError('a later version of this program wrote it', { file, hint });
}
