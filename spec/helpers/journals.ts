import { join } from 'node:path';
import { type Journal, openJournal } from '../../lib/store/journal.js';
import { type JournalView, viewJournal } from '../../lib/store/journal-view.js';
import { folderWith } from './folder.js';
import { storedFlow, storedStep } from './stored.js';

/** How many steps `written` writes. */
export const STEPS = 5;

/** A run's folder whose journal has the steps 0 to 4, and the end of flow 0 between them. */
export async function written(): Promise<string> {
  const folder = folderWith();
  await inJournal(folder, (journal) => {
    for (let n = 0; n < STEPS; n++) {
      journal.saveStep(storedStep(n));
      if (n === 0) journal.saveFlow(storedFlow(n));
    }
  });
  return folder;
}

/** Opens the journal there, or begins it, and closes it after its use. */
export async function inJournal<T>(folder: string, use: (journal: Journal) => T): Promise<T> {
  const journal = await openJournal(folder);
  try {
    return await use(journal);
  } finally {
    await journal.close();
  }
}

/** Opens the journal there for reading, and closes it after its use. */
export async function inView<T>(folder: string, use: (view: JournalView) => T): Promise<T> {
  const view = await viewJournal(folder);
  try {
    return use(view);
  } finally {
    await view.close();
  }
}

export function fileOf(folder: string): string {
  return join(folder, 'journal.ndjson');
}
