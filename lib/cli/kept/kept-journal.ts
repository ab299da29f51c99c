import { access } from 'node:fs/promises';
import { ConfigError } from '../../errors.js';
import { journalIn } from '../../store/journal-file.js';

/** Rejects with a ConfigError where a run broke off before it had a journal. */
export async function requireJournal(folder: string): Promise<void> {
  try {
    await access(journalIn(folder));
  } catch {
    const message = `${folder} has no journal: the run broke off before anything was kept`;
    throw new ConfigError([{ where: '', message }]);
  }
}
