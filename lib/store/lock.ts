import { link, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../errors.js';
import { readPrivate, writePrivateSync } from '../files/private-files.js';
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
 * that names the holder where that still runs, or may do, or where the lock can't be read; with a WriteFailure where it can't
 * be written.
 */
export async function lock(file: string): Promise<Lock> {
  const me = newHolder();
  const own = `${file}.${me.token}.new`;
  await writing(own, () => writeWhole(own, dirname(dirname(file)), `${JSON.stringify(me)}\n`));
  const takenFrom = await take(file, own).finally(() => remove(own));
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
      await writing(file, () => rename(claim, file));
      return holder;
    }
    await remove(claim); // it was taken over just now
  }
  return null;
}

/** False where the name is taken. */
async function linked(own: string, file: string): Promise<boolean> {
  try {
    await link(own, file);
    return true;
  } catch (error) {
    return codeOf(error) === 'EEXIST' ? false : copied(own, file);
  }
}

/**
 * The same on a disk without hard links (exFAT, SMB, some of FUSE): a new file is made, and written in the same turn. It is
 * empty only for that moment, or after a kill in it: then it can't be read, and its LockError says what to do.
 */
function copied(own: string, file: string): Promise<boolean> {
  const generated = dirname(dirname(file));
  return writing(file, async () => {
    const text = await readPrivate(own, generated);
    try {
      writePrivateSync(file, generated, `${text}`);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    }
  });
}

/** A file that doesn't name this process any more, whatever stands in it, is another one's. */
async function release(file: string, { token }: Holder): Promise<void> {
  const holder = await readHolder(file).catch(() => null);
  if (holder?.token === token) await remove(file);
}

function remove(file: string): Promise<void> {
  return writing(file, () => rm(file, { force: true }));
}
