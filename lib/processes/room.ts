import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { StepFailure } from '../errors.js';
import { isOutOfFiles, MOST_PAUSES, mostAtOnce, PAUSE_MS } from '../files/open-files.js';
import { type Deferred, deferred } from '../util/deferred.js';

/** A child's stdin, stdout and stderr. */
const FILES_OF_A_CHILD = 3;
/** A start has both ends of the three open, and a pipe; the others stay free for contents and artefacts. */
const FILES_FOR_A_START = 2 * FILES_OF_A_CHILD + 2 + 16;

/**
 * Lets programs start one after the other, as far as there are files for them. One that finds none waits until another
 * program has ended or a file was closed. (Node's spawn reports a lack of files by an event that execa doesn't hear:
 * lib/internal/child_process.js of node 20.20 leaves the child without streams then; 2026-11.)
 */
export class Room {
  readonly #most: number;
  readonly #hasFiles: () => boolean;
  #running = 0;
  #last: Promise<unknown> = Promise.resolve();
  #left: Deferred<void> = deferred();

  constructor(most = mostAtOnce(FILES_OF_A_CHILD), hasFiles = hasFilesForAStart) {
    this.#most = most;
    this.#hasFiles = hasFiles;
  }

  /**
   * Starts a program when its turn has come; it takes up room until it has left. Rejects with the signal's reason, and
   * with an `exit` failure where for half a minute there is no room though no other program runs.
   */
  start<T>(begin: () => T, signal: AbortSignal): Promise<T> {
    const started = this.#last.then(() => this.#start(begin, signal));
    this.#last = started.catch(() => {});
    return started;
  }

  /** A program has ended, and its outputs are closed. */
  leave(): void {
    this.#running--;
    this.#left.resolve();
    this.#left = deferred();
  }

  /** Settles when another try may go better: another program has ended, or a while is over. False where it was for nothing. */
  async change(signal: AbortSignal): Promise<boolean> {
    const isAlone = this.#running === 0;
    await Promise.race([this.#left.promise, delay(PAUSE_MS)]);
    signal.throwIfAborted();
    return !isAlone;
  }

  async #start<T>(begin: () => T, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    let pauses = 0;
    while (this.#running >= this.#most || !this.#hasFiles()) {
      if (pauses === MOST_PAUSES) throw noFiles();
      if (!(await this.change(signal))) pauses++;
    }
    const begun = begin();
    this.#running++;
    return begun;
  }
}

/** That of all programs of this process. */
export const room = new Room();

function hasFilesForAStart(): boolean {
  const files: number[] = [];
  try {
    while (files.length < FILES_FOR_A_START) files.push(openSync(devNull, 'r'));
    return true;
  } catch (error) {
    return !isOutOfFiles(error);
  } finally {
    for (const file of files) closeSync(file);
  }
}

function noFiles(): StepFailure {
  return new StepFailure('exit', 'cannot start a program: too many files are open', {
    hint: 'Raise the limit of open files (`ulimit -n`), or lower --parallel.',
  });
}
