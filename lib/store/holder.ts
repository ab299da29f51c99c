import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import * as z from 'zod';
import { codeOf, messageOf } from '../errors.js';
import { readPrivate } from '../files/private-files.js';
import { lifeOf, type ProcessIdentity, thisProcess } from '../processes/identity.js';
import { processIdentity } from '../processes/identity-schema.js';
import { jsonIn } from '../util/values.js';

/** The process that has a run, as its lock says. */
export interface Holder extends ProcessIdentity {
  /** Tells one lock from the next. */
  readonly token: string;
}

/** Another process has the run, or may have it. */
export class LockError extends Error {
  override readonly name = 'LockError';
  /** Null where the lock can't be read. */
  readonly holder: Holder | null;
  /** What the user can do about it, one sentence. */
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

/** What the lock's file says; null where there is none. Rejects with a LockError where it can't be read. */
export async function readHolder(file: string): Promise<Holder | null> {
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

/** Who holds the lock; null where nobody does, or not any more. */
export async function holderOf(file: string): Promise<Holder | null> {
  const holder = await readHolder(file);
  return holder && (await lifeOf(holder)) !== 'ended' ? holder : null;
}

/** Rejects with the LockError unless the holder has ended. */
export async function refuseUnlessEnded(file: string, holder: Holder): Promise<void> {
  const { pid, host, since } = holder;
  const who = `process ${pid} on ${host} has had it since ${since}`;
  switch (await lifeOf(holder)) {
    case 'ended':
      return;
    case 'runs':
      throw new LockError(`${dirname(file)} is in use: ${who}`, holder, 'Wait for its end, or end it.');
    case 'unknown': {
      const message = `${dirname(file)} may be in use: ${who}, and whether it still runs can't be told from here`;
      throw new LockError(message, holder, deletionOf(file));
    }
  }
}

function deletionOf(file: string): string {
  return `If nothing works on that run any more, delete ${file}.`;
}
