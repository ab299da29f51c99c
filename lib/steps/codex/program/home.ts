import { access, constants, readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Environment } from './environment.js';

/** Databases of codex, and its sessions: older versions leave nothing else. */
const TRACES = /^state.*\.sqlite|^sessions$/;

/** To be called when codex has set its home up, and when it has ended. */
export type Leave = (isSetUp: boolean) => void;

/** The folder where codex keeps its login, its settings and its state, absolute. */
export function homeOf(env: Environment): string {
  return env.CODEX_HOME ? resolve(env.CODEX_HOME) : join(env.HOME || homedir(), '.codex');
}

/** Why codex can't work with its home, or null. */
export async function homeMistake(env: Environment): Promise<string | null> {
  const home = homeOf(env);
  const exists = await may(home, constants.F_OK);
  if (env.CODEX_HOME && !exists)
    return `CODEX_HOME names ${home}, which doesn't exist; create that folder, or unset CODEX_HOME`;
  if (await may(exists ? home : dirname(home), constants.W_OK)) return null;
  return `codex can't write in its home ${home}; name another folder with CODEX_HOME`;
}

async function may(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

const homes = new Map<string, HomeLock>();

/** The home of codex in this environment, the same object for each caller. `program`: the codex that starts there. */
export function homeFor(env: Environment, program: string): HomeLock {
  const folder = homeOf(env);
  const home = homes.get(folder) ?? new HomeLock(folder, program);
  homes.set(folder, home);
  return home;
}

/**
 * Codex sets its home up when it first starts there, and again after an update; simultaneous starts get in each other's
 * way. So one goes ahead until its event `thread.started`: by then its databases are made.
 */
export class HomeLock {
  readonly #folder: string;
  readonly #program: string;
  #wasSetUp: Promise<boolean> | undefined;
  #isSetUp = false;
  #ahead: Promise<void> | undefined;

  constructor(folder: string, program: string) {
    this.#folder = folder;
    this.#program = program;
  }

  /** Waits until codex may start here. Rejects with the signal's reason when that aborts. */
  async turn(signal: AbortSignal): Promise<Leave> {
    // Looks once, before the first start: later the set-up may be half done.
    this.#wasSetUp ??= wasSetUp(this.#folder, this.#program);
    if (await this.#wasSetUp) this.#isSetUp = true;
    while (!this.#isSetUp) {
      signal.throwIfAborted();
      if (!this.#ahead) return this.#goAhead();
      await unlessAborted(this.#ahead, signal);
    }
    return () => {};
  }

  #goAhead(): Leave {
    let letOthersGo = () => {};
    this.#ahead = new Promise((resolve) => {
      letOthersGo = resolve;
    });
    return (isSetUp) => {
      if (isSetUp) this.#isSetUp = true;
      this.#ahead = undefined;
      letOthersGo();
    };
  }
}

/** True if codex was used here since its program was installed. */
async function wasSetUp(folder: string, program: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  const traces = names.filter((name) => TRACES.test(name)).map((name) => join(folder, name));
  const [installed, ...used] = await Promise.all(
    [program, ...traces].map((path) => stat(path).catch(() => null)),
  );
  return used.some((trace) => trace && trace.mtimeMs > (installed?.ctimeMs ?? 0));
}

function unlessAborted(something: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    void something.then(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
  });
}
