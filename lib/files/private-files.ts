import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { codeOf, WriteFailure, writeError } from '../errors.js';
import { userId } from './user.js';

/*
 * Every file under the generated folder is opened here, and every folder there is made here. Others may write there: a
 * model whose sandbox holds the project, other users where the folder is shared. So
 *  - nothing is opened through a link: neither the file, nor a folder between it and the folder that the user named;
 *  - what is created is new, and for its owner only;
 *  - what is opened is a plain file of this user, and a file that is written has no second name elsewhere.
 *
 * Where the disk takes nothing any more, all that writes here throws a WriteFailure: it concerns the run, and no flow alone.
 */

/** A file or folder isn't the one that this program left there. */
export class UnsafeFile extends Error {
  override readonly name = 'UnsafeFile';
  readonly file: string;

  constructor(file: string, what: string) {
    super(`${file} ${what}`);
    this.file = file;
  }
}

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_APPEND } = constants;
/** Windows has neither. */
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

const FLAGS = {
  read: O_RDONLY,
  /** Only where there is none. */
  create: O_WRONLY | O_CREAT | O_EXCL,
  /** The same, after removing the existing file. */
  replace: O_WRONLY | O_CREAT | O_EXCL,
  /** To read and write the existing file. */
  change: O_RDWR,
  /** The same; it is created where there is none. */
  update: O_RDWR | O_CREAT,
  /** It is created where there is none. */
  append: O_WRONLY | O_APPEND | O_CREAT,
} as const;

export type Mode = keyof typeof FLAGS;

/** Flags by which no FIFO or device blocks. */
const ALWAYS = O_NOFOLLOW | O_NONBLOCK;

/**
 * Opens a file. Throws an UnsafeFile where it isn't what it should be, else as `open` does.
 *
 * @param below the folder that the user named: what lies between it and the file is checked, too
 */
export async function openPrivate(file: string, below: string, mode: Mode): Promise<FileHandle> {
  makeReady(file, below, mode);
  const handle = await open(file, FLAGS[mode] | ALWAYS, 0o600).catch((error) => {
    throw refusal(file, mode, error);
  });
  try {
    assertFile(file, await handle.stat(), mode, below);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The same at once; returns the descriptor. */
export function openPrivateSync(file: string, below: string, mode: Mode): number {
  makeReady(file, below, mode);
  const descriptor = opened(file, mode);
  try {
    assertFile(file, fstatSync(descriptor), mode, below);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** More than this program writes to a file that it reads as a whole: lists from stdin are in one of them. */
const MOST_READ_BYTES = 256 * 2 ** 20;

/** The whole file. Throws an UnsafeFile where it is larger than `most` bytes. */
export async function readPrivate(file: string, below: string, most = MOST_READ_BYTES): Promise<Buffer> {
  const handle = await openPrivate(file, below, 'read');
  try {
    assertSize(file, await handle.stat(), most);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** The same at once. */
export function readPrivateSync(file: string, below: string, most = MOST_READ_BYTES): Buffer {
  return withFile(file, below, 'read', (descriptor) => {
    assertSize(file, fstatSync(descriptor), most);
    return readFileSync(descriptor);
  });
}

function assertSize(file: string, { size }: Stats, most: number): void {
  if (size > most) throw new UnsafeFile(file, `is larger than ${most / 2 ** 20} MiB`);
}

/** Writes a new file. Throws EEXIST where there is one that isn't to be replaced. */
export async function writePrivate(
  file: string,
  below: string,
  content: string | Uint8Array,
  mode: 'create' | 'replace' = 'create',
): Promise<void> {
  const handle = await openPrivate(file, below, mode);
  try {
    await handle.writeFile(content).finally(() => handle.close());
  } catch (error) {
    throw writeError(file, error);
  }
}

/** Writes a stream to a file, which is replaced, as it comes, and no faster than the disk takes it. */
export async function streamPrivate(
  stream: AsyncIterable<Uint8Array>,
  file: string,
  below: string,
): Promise<void> {
  const handle = await openPrivate(file, below, 'replace');
  try {
    await pipeline(stream, handle.createWriteStream());
  } catch (error) {
    throw writeError(file, error);
  }
}

/** Bytes. A disk with less room is full: a larger file may have been the one that didn't fit. */
const ROOM = 2 ** 20;

/**
 * Does work of a program that writes in a folder, and that doesn't always say why it failed. Where the disk takes nothing any
 * more, that is why: it rejects with a WriteFailure.
 */
export async function withRoom<T>(folder: string, below: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw (await roomError(folder, below)) ?? error;
  }
}

async function roomError(folder: string, below: string): Promise<WriteFailure | null> {
  const file = join(folder, `.room-${randomBytes(6).toString('hex')}`);
  const writing = writePrivate(file, below, randomBytes(ROOM)).finally(() => removePrivate(file));
  return writing.then(
    () => null,
    (error) => (error instanceof WriteFailure ? error : null),
  );
}

/** Removes a file, if there is one. */
export async function removePrivate(file: string): Promise<void> {
  await rm(file, { force: true }).catch((error) => {
    throw writeError(file, error);
  });
}

export function writePrivateSync(
  file: string,
  below: string,
  text: string,
  mode: 'create' | 'replace' = 'create',
): void {
  try {
    withFile(file, below, mode, (descriptor) => writeFileSync(descriptor, text));
  } catch (error) {
    throw writeError(file, error);
  }
}

/** Makes a folder, unless there is one. Throws an UnsafeFile where something else stands there. */
export function makePrivateFolder(folder: string, below: string): void {
  assertFolders(dirname(folder), below);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw writeError(folder, error);
    assertFolders(folder, below);
  }
}

/** True if a folder right below is one of this user, and no link. */
export function isPrivateFolder(folder: string, below: string): boolean {
  try {
    assertFolders(folder, below);
    return true;
  } catch (error) {
    if (error instanceof UnsafeFile || codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Throws an UnsafeFile unless it, and all between it and `below`, are folders of this user. */
function assertFolders(folder: string, below: string): void {
  let each = below;
  for (const name of relative(below, folder).split(sep)) {
    if (name === '') return;
    each = join(each, name);
    const stats = lstatSync(each);
    if (stats.isSymbolicLink()) throw new UnsafeFile(each, IS_LINK);
    if (!stats.isDirectory()) throw new UnsafeFile(each, "isn't a folder");
    assertOwner(each, stats, below);
  }
}

const IS_LINK = 'is a link: nothing that a run keeps is read or written through one';

function assertFile(file: string, stats: Stats, mode: Mode, below: string): void {
  if (!stats.isFile()) throw new UnsafeFile(file, "isn't a plain file");
  assertOwner(file, stats, below);
  if (mode !== 'read' && stats.nlink > 1) {
    throw new UnsafeFile(file, 'has a second name elsewhere (a hard link); put a copy of it in its place');
  }
}

function assertOwner(file: string, { uid, dev }: Stats, below: string): void {
  if (userId === undefined || uid === userId || uid === ownerGiven(dev, below)) return;
  throw new UnsafeFile(file, `belongs to another user (number ${uid}); work with a copy of your own`);
}

/** By the number of the disk. */
const owners = new Map<number, number | undefined>();

/**
 * The owner that a disk gives to this process's files. On some it is always the same one: exports of NFS that squash
 * root, folders that a virtual machine shares.
 */
function ownerGiven(dev: number, folder: string): number | undefined {
  if (!owners.has(dev)) owners.set(dev, ownerOfNew(folder));
  return owners.get(dev);
}

/** Undefined where nothing can be made. */
function ownerOfNew(folder: string): number | undefined {
  const file = join(folder, `.owner-${randomBytes(6).toString('hex')}`);
  try {
    const descriptor = opened(file, 'create');
    try {
      return fstatSync(descriptor).uid;
    } finally {
      closeSync(descriptor);
      unlinkSync(file);
    }
  } catch {
    return undefined;
  }
}

function withFile<T>(file: string, below: string, mode: Mode, use: (descriptor: number) => T): T {
  const descriptor = openPrivateSync(file, below, mode);
  try {
    return use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function makeReady(file: string, below: string, mode: Mode): void {
  assertFolders(dirname(file), below);
  if (mode !== 'replace') return;
  try {
    // Not rmSync: that of Node 24 throws an error without its code (24.21, 2026-11).
    unlinkSync(file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw writeError(file, error);
  }
}

function opened(file: string, mode: Mode): number {
  try {
    return openSync(file, FLAGS[mode] | ALWAYS, 0o600);
  } catch (error) {
    throw refusal(file, mode, error);
  }
}

/** The error for a link that isn't followed: ELOOP, on some systems EMLINK; for a FIFO without a reader: ENXIO. */
function refusal(file: string, mode: Mode, error: unknown): unknown {
  const code = codeOf(error);
  if (code === 'ELOOP' || code === 'EMLINK') return new UnsafeFile(file, IS_LINK);
  if (code === 'ENXIO' || code === 'EISDIR') return new UnsafeFile(file, "isn't a plain file");
  return mode === 'read' ? error : writeError(file, error);
}
