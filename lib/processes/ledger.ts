import { closeSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { evenIfRemovedSync, makeGeneratedFolder } from '../files/generated-folder.js';
import { makePrivateFolder, openPrivateSync } from '../files/private-files.js';
import { thisProcess } from './identity.js';
import { LINE_BYTES, line, type Noted, notedOf, type Owner, ownerNow } from './ledger-lines.js';
import { onWindows } from './windows.js';

/** The folder of ledgers, in that for artefacts. */
export const LEDGERS = '.running';

/** How often it is told that this process still lives, milliseconds. */
const BEAT_MS = 1000;

const ledgers = new Map<string, Ledger>();

/** The ledger of this process in a folder for artefacts. */
export function ledgerIn(directory: string): Ledger {
  const folder = resolve(directory, LEDGERS);
  const ledger = ledgers.get(folder) ?? new Ledger(folder);
  ledgers.set(folder, ledger);
  return ledger;
}

/**
 * The groups that run now, in a file that is there while some do: the next process finds it where this one was killed
 * (leftovers.ts). The first line is about this process, each other is for one group, or blank. As lines have one length,
 * a line replaces another, and the file is as small as the most groups that ran at once. No run fails for its sake.
 */
export class Ledger {
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

/** A full disk, a folder that was removed: what runs matters more than what is noted of it. */
function attempt(work: () => unknown): void {
  try {
    work();
  } catch {}
}
