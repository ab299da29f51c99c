import { randomBytes } from 'node:crypto';
import { link, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { codeOf, messageOf } from '../errors.js';
import { readPrivate, writePrivateSync } from '../files/private-files.js';
import { lifeOf, type ProcessIdentity, processIdentity, thisProcess } from '../processes/identity.js';
import { jsonIn } from '../util/values.js';
import { writeWhole } from './durable.js';
import { writing } from './errors.js';

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
 * Gives the name to the file `own`, never at the same time to another process's. A takeover holds a second lock, named
 * after the ended holder: of two takeovers, one is refused. Renaming that lock makes it the first one, so that the name
 * is never blocked for good.
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
 * The same on a disk without hard links (exFAT, SMB, some of FUSE): a new file is made, and written in the same turn.
 * It is empty only for that moment, or after a kill in it: then it can't be read, and its LockError gives the remedy.
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

/** A file that doesn't name this process belongs to another one, whatever its content. */
async function release(file: string, { token }: Holder): Promise<void> {
  const holder = await readHolder(file).catch(() => null);
  if (holder?.token === token) await remove(file);
}

function remove(file: string): Promise<void> {
  return writing(file, () => rm(file, { force: true }));
}

/** The process that has a run, as its lock says. */
export interface Holder extends ProcessIdentity {
  /** Distinguishes one lock from the next. */
  readonly token: string;
}

/** Another process has the run, or may have it. */
export class LockError extends Error {
  override readonly name = 'LockError';
  /** Null where the lock can't be read. */
  readonly holder: Holder | null;
  /** A remedy for the user, one sentence. */
  readonly hint: string;

  constructor(message: string, holder: Holder | null, hint: string) {
    super(message);
    this.holder = holder;
    this.hint = hint;
  }
}

export function newHolder(): Holder {
  return { ...thisProcess(), token: randomBytes(6).toString('hex') };
}

/** Anything may stand in the file. The token becomes a part of file names. */
const schema = processIdentity.extend({ token: z.string().regex(/^[0-9a-z]{1,32}$/) });

/** The content of the lock's file; null without one. Rejects with a LockError where it can't be read. */
async function readHolder(file: string): Promise<Holder | null> {
  const text = await textOf(file);
  if (text === null) return null;
  const { data } = schema.safeParse(jsonIn(text));
  if (!data) throw unreadable(file, "it doesn't name a process");
  return data;
}

async function textOf(file: string): Promise<string | null> {
  try {
    return `${await readPrivate(file, dirname(dirname(file)))}`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw unreadable(file, messageOf(error));
  }
}

function unreadable(file: string, why: string): LockError {
  return new LockError(`${file} can't be read: ${why}`, null, deletionOf(file));
}

/** The live holder of the lock, or null. */
export async function holderOf(file: string): Promise<Holder | null> {
  const holder = await readHolder(file);
  return holder && (await lifeOf(holder)) !== 'ended' ? holder : null;
}

/** Rejects with the LockError unless the holder has ended. */
async function refuseUnlessEnded(file: string, holder: Holder): Promise<void> {
  const { pid, host, since } = holder;
  const who = `process ${pid} on ${host} has had it since ${since}`;
  switch (await lifeOf(holder)) {
    case 'ended':
      return;
    case 'runs':
      throw new LockError(`${dirname(file)} is in use: ${who}`, holder, 'Wait for its end, or end it.');
    case 'unknown': {
      const message = `${dirname(file)} may be in use: ${who}, and it is unknown whether it still runs`;
      throw new LockError(message, holder, deletionOf(file));
    }
  }
}

function deletionOf(file: string): string {
  return `If nothing works on that run any more, delete ${file}.`;
}
