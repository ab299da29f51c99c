import { rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { lock } from './lock.js';
import { idOf, lockIn } from './run-folder.js';

/**
 * Deletes a run's folder with all that is in it, and of the given folders those that stand beside it and are no runs: so
 * nothing outside the generated folder is ever touched. Rejects with a LockError where the run is live.
 */
export async function removeRun(folder: string, artefacts: Iterable<string> = []): Promise<void> {
  const { release } = await lock(lockIn(folder));
  try {
    for (const artefact of artefacts) {
      if (standsBeside(folder, artefact)) await rm(artefact, { recursive: true, force: true });
    }
    await rm(folder, { recursive: true });
  } catch (error) {
    await release();
    throw error;
  }
}

function standsBeside(folder: string, artefact: string): boolean {
  return dirname(resolve(artefact)) === dirname(resolve(folder)) && idOf(artefact) === undefined;
}
