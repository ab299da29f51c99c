import { link, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../errors.js';
import { writeWhole } from './durable.js';
import { writing } from './errors.js';
import { type Holder, newHolder, readHolder, refuseUnlessEnded } from './holder.js';

/** A lock that is held. */
export interface Lock {
  /** The process that went down with it; null where it was free. */
  readonly takenFrom: Holder | null;
  release(): Promise<void>;
}

/**
 * Takes the lock, which is a file of that name, or takes it over from a process that has ended. Rejects with a LockError
 * that names the holder where that still runs, or may do; with a WriteFailure where the file can't be written.
 */
export async function lock(file: string): Promise<Lock> {
  const me = newHolder();
  const own = `${file}.${me.token}.new`;
  await writing(own, () => writeWhole(own, dirname(dirname(file)), `${JSON.stringify(me)}\n`));
  const takenFrom = await take(file, own).finally(() => rm(own, { force: true }));
  return { takenFrom, release: () => release(file, me) };
}

/**
 * Gives the name to the file `own`, never at the same time to another process's. Who takes over holds a second lock
 * meanwhile, named after the holder that has ended: of two that try, one is refused. Renaming that lock makes it the first
 * one, so there is no moment in which nobody, or a dead process, could stand in the way for good.
 */
async function take(file: string, own: string): Promise<Holder | null> {
  while (!(await linked(own, file))) {
    const holder = await readHolder(file);
    if (!holder) continue; // released just now
    await refuseUnlessEnded(file, holder);
    const claim = `${file}.${holder.token}`;
    await take(claim, own);
    if ((await readHolder(file))?.token === holder.token) {
      await rename(claim, file);
      return holder;
    }
    await rm(claim); // it was taken over just now
  }
  return null;
}

/** False where the name is taken. */
async function linked(own: string, file: string): Promise<boolean> {
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function release(file: string, { token }: Holder): Promise<void> {
  if ((await readHolder(file))?.token === token) await rm(file);
}
