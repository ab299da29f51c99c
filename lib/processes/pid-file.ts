import { closeSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { uptime } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { evenIfRemovedSync, makeGeneratedFolder } from '../files/generated-folder.js';
import { makePrivateFolder, openPrivateSync } from '../files/private-files.js';
import { jsonIn } from '../util/values.js';
import { processIdentity, thisProcess } from './identity.js';
import { ownMark } from './marks.js';
import { type Listed, lookUp } from './table.js';
import { onWindows } from './windows.js';

/** The folder of ledgers, in that for artefacts. */
export const PID_FILES = '.running';

/** Interval of the note that this process still lives, milliseconds. */
const BEAT_MS = 1000;

const pidFiles = new Map<string, PidFile>();

/** The ledger of this process in a folder for artefacts. */
export function pidFileIn(directory: string): PidFile {
  const folder = resolve(directory, PID_FILES);
  const pidFile = pidFiles.get(folder) ?? new PidFile(folder);
  pidFiles.set(folder, pidFile);
  return pidFile;
}

/**
 * The groups that run now, in a file that is there while some do: the next process finds it where this one was killed
 * (leftovers.ts). The first line is about this process, each other is for one group, or blank. As lines have one length,
 * a line replaces another, and the file is as small as the most groups that ran at once. No run fails for its sake.
 */
export class PidFile {
  readonly #folder: string;
  readonly #path: string;
  readonly #owner = thisProcess();
  #file: number | undefined;
  #beat: NodeJS.Timeout | undefined;
  #running = 0;
  #lines = 1;
  /** The blank ones. */
  #free: number[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    const { pid, started } = this.#owner;
    this.#path = join(folder, `${pid}-${started ?? Date.now()}.ndjson`);
  }

  /** Notes that a group runs; the function that it returns crosses it out. */
  note(pid: number, program: string): () => void {
    if (onWindows) return () => {};
    const place = this.#free.pop() ?? this.#lines++;
    this.#running++;
    attempt(() => this.#write(place, notedOf(pid, program)));
    return () => {
      this.#free.push(place);
      this.#running--;
      attempt(() => (this.#running > 0 ? this.#write(place) : this.#remove()));
    };
  }

  #write(place: number, value?: Owner | Noted): void {
    this.#file ??= this.#create();
    writeSync(this.#file, line(value), 0, LINE_BYTES, place * LINE_BYTES);
  }

  #create(): number {
    const directory = dirname(this.#folder);
    const file = evenIfRemovedSync(() => {
      makeGeneratedFolder(directory);
      makePrivateFolder(this.#folder, directory);
      return openPrivateSync(this.#path, directory, 'replace');
    });
    const beat = () => attempt(() => writeSync(file, line(ownerNow(this.#owner)), 0, LINE_BYTES, 0));
    beat();
    this.#beat = setInterval(beat, BEAT_MS).unref();
    return file;
  }

  #remove(): void {
    clearInterval(this.#beat);
    this.#lines = 1;
    this.#free = [];
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
    unlinkSync(this.#path);
    rmdirSync(this.#folder); // fails where another process has its own
  }
}

/** A full disk, or a removed folder: running programs matter more than the notes about them. */
function attempt(work: () => unknown): void {
  try {
    work();
  } catch {}
}

/** Every line has this length, its newline included. */
export const LINE_BYTES = 512;
const PROGRAM_CHARACTERS = 60;
const TICKS_A_SECOND = 100;

const noted = z.object({
  /** Of the leader, and so of the group. */
  pid: z.number(),
  /** When it started, ticks (1/100 s) since the system did; null where the system doesn't tell. */
  started: z.number().nullable(),
  /** The same, milliseconds since the epoch; not as exact. */
  at: z.number(),
  program: z.string(),
});

const owner = processIdentity.extend({
  /** When it last lived, ticks since the system started. */
  alive: z.number(),
  /** The beginning of its children's marks (marks.ts). */
  mark: z.uuid(),
});

/** A group that runs. */
export type Noted = z.infer<typeof noted>;

/** The owner of the pid file. */
export type Owner = z.infer<typeof owner>;

/** The content of a pid file; the owner is unknown in a new one. */
export interface PidEntry {
  readonly owner: Owner | undefined;
  readonly groups: readonly Noted[];
}

/** The entry of a process that has just started. */
export function notedOf(pid: number, program: string): Noted {
  return { pid, started: lookUp(pid)?.started ?? null, at: Date.now(), program: shown(program) };
}

/** This process, alive. */
export function ownerNow(itself = thisProcess()): Owner {
  return { ...itself, alive: Math.floor(uptime() * TICKS_A_SECOND), mark: ownMark };
}

/** The entry of a process that began a group unseen. Linux only. */
export function notedLater({ group, name = '?', started = 0 }: Listed): Noted {
  const at = Date.now() - uptime() * 1000 + (started * 1000) / TICKS_A_SECOND;
  return { pid: group, started, at: Math.round(at), program: shown(name) };
}

/** ASCII only: its length in bytes is bounded. */
function shown(program: string): string {
  return program.slice(0, PROGRAM_CHARACTERS).replace(/[^ -~]/g, '?');
}

/** A line of a ledger; blank for nothing. */
export function line(value: Owner | Noted | undefined): Buffer {
  const text = value === undefined ? '' : JSON.stringify(value);
  return Buffer.from(`${text.padEnd(LINE_BYTES - 1)}\n`);
}

/** Reads a ledger; lines that are none are left out. */
export function parsePidFile(text: string): PidEntry {
  const [first, ...others] = text.split('\n').map(jsonIn);
  return {
    owner: owner.safeParse(first).data,
    groups: others.flatMap((other) => noted.safeParse(other).data ?? []),
  };
}
