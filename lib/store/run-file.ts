import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors.js';
import { syncFolder, writeWhole } from './durable.js';
import { codeOf, JournalError, writing } from './errors.js';

/** An object for JSON; the store doesn't look into it. */
export type Facts = Readonly<Record<string, unknown>>;

/** What `run.json` says. */
export interface RunFile {
  /** What the run was started with. */
  readonly info: Facts;
  /** How its last sitting ended; null while it is under way, and when it broke off. */
  readonly end: Facts | null;
}

/** Replaces `run.json` (the info's fields, and `end`) as a whole. Rejects with a WriteFailure. */
export async function writeRunFile(folder: string, { info, end }: RunFile): Promise<void> {
  const file = runFileIn(folder);
  await writing(file, async () => {
    await writeWhole(file, `${JSON.stringify({ ...info, end }, null, 2)}\n`);
    await syncFolder(folder);
  });
}

/** Null where the run broke off before it had one. Rejects with a JournalError where it is damaged. */
export async function readRunFile(folder: string): Promise<RunFile | null> {
  const file = runFileIn(folder);
  try {
    const { end, ...info } = JSON.parse(await readFile(file, 'utf8'));
    return { info, end };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    const hint = 'Its results can still be had; to run it again, name its config.';
    throw new JournalError(messageOf(error), { file, hint });
  }
}

function runFileIn(folder: string): string {
  return join(folder, 'run.json');
}
