import { rm } from 'node:fs/promises';
import { lock } from './lock.js';
import { lockIn } from './run-folder.js';

/** Deletes a run's folder with all that is in it. Rejects with a LockError where the run is live. */
export async function removeRun(folder: string): Promise<void> {
  const { release } = await lock(lockIn(folder));
  try {
    await rm(folder, { recursive: true });
  } catch (error) {
    await release();
    throw error;
  }
}
