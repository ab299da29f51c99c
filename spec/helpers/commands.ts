import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, Given } from '../fixtures/commands.js';
import { stateHome } from './program.js';

/** What doesn't end by then hangs: a FIFO, or a file without an end. */
const HANGS_MS = 60_000;

/**
 * Many commands in one process: a twentieth of the time that a start of the program takes. The process is another one
 * than the spec's, as a read that waits for ever would hold that up, too.
 */
export class Commands implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #up: Promise<unknown>;

  constructor() {
    const { PATH } = process.env;
    this.#process = fork(join(import.meta.dirname, '../fixtures/commands.ts'), {
      env: { PATH, XDG_STATE_HOME: stateHome },
      execArgv: ['--import', 'tsx/esm'],
    });
    this.#up = once(this.#process, 'message');
  }

  /** Performs one; the next one has to wait for it. Rejects where it doesn't end, or ends the process. */
  async run(args: readonly string[], cwd: string): Promise<Answer> {
    await this.#up;
    const given: Given = { args, cwd };
    const over = new AbortController();
    const { signal } = over;
    const fails = async (waits: Promise<unknown>, what: string): Promise<never> => {
      await waits;
      throw new Error(`${args.join(' ')} ${what}`);
    };
    this.#process.send(given);
    try {
      return await Promise.race([
        once(this.#process, 'message', { signal }).then(([answer]): Answer => answer),
        fails(once(this.#process, 'exit', { signal }), 'ended the process'),
        fails(delay(HANGS_MS, undefined, { signal }), 'hangs'),
      ]);
    } finally {
      over.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }
}
