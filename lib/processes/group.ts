import { execFile, spawnSync } from 'node:child_process';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isGroupOfZombies } from './zombies.js';

/** From TERM to KILL, milliseconds. */
export const GRACE_MS = 5000;
const FIRST_POLL_MS = 10;
const LAST_POLL_MS = 160;
const PATIENCE_MS = 100;

export const onWindows = process.platform === 'win32';

/** Those of which something may still run. */
export const groups = new Set<ProcessGroup>();

/** How a group is ended, and who wants to know. */
interface GroupOptions {
  /** From TERM to KILL, milliseconds. Default: 5000. */
  readonly graceMs?: number | undefined;
  /** Called once, when nothing of it is left or all of it was KILLed. */
  readonly gone?: (() => void) | undefined;
}

/** The processes that descend from one leader and didn't leave its group. On Windows: the tree under it. */
export class ProcessGroup {
  readonly #leader: number;
  readonly #graceMs: number;
  readonly #gone: () => void;
  #ending: Promise<void> | undefined;

  constructor(leader: number, { graceMs = GRACE_MS, gone = () => {} }: GroupOptions = {}) {
    this.#leader = leader;
    this.#graceMs = graceMs;
    this.#gone = gone;
    groups.add(this);
  }

  /** Synchronous, so that it can be the last thing done. False where nobody is left to be told. */
  kill(signal: NodeJS.Signals | 0): boolean {
    // Its number may belong to others by now.
    if (!groups.has(this)) return false;
    if (onWindows) return spawnSync('taskkill', treeUnder(this.#leader)).status === 0;
    try {
      return process.kill(-this.#leader, signal);
    } catch {
      return false;
    }
  }

  /** TERM, and KILL to what is still there after the grace; once, however often it is asked for. */
  end(): Promise<void> {
    this.#ending ??= (onWindows ? this.#endTree() : this.#endGroup()).finally(() => this.forget());
    return this.#ending;
  }

  /** Its leader has ended: mostly nothing is left of it. (What is left of a tree can't be found without its root.) */
  leaderEnded(): void {
    if (onWindows || !this.kill(0)) this.forget();
  }

  /** Nothing is left of it, as far as can be known. */
  forget(): void {
    if (groups.delete(this)) this.#gone();
  }

  /** @param zombies all groups that only look alive */
  isGone(zombies: ReadonlySet<number>): boolean {
    return zombies.has(this.#leader) || !this.kill(0);
  }

  async #endGroup(): Promise<void> {
    const began = performance.now();
    this.kill('SIGTERM');
    let pause = FIRST_POLL_MS;
    while (await this.#isAlive(performance.now() - began)) {
      if (performance.now() - began >= this.#graceMs) {
        this.kill('SIGKILL');
        return;
      }
      await delay(pause);
      pause = Math.min(2 * pause, LAST_POLL_MS);
    }
  }

  /** Most groups are gone soon: only the others are worth a look at the system's processes. */
  async #isAlive(ms: number): Promise<boolean> {
    return this.kill(0) && (ms < PATIENCE_MS || !(await isGroupOfZombies(this.#leader)));
  }

  /** A console program has no ear for a polite request there. */
  async #endTree(): Promise<void> {
    await promisify(execFile)('taskkill', treeUnder(this.#leader)).catch(() => {});
  }
}

function treeUnder(pid: number): string[] {
  return ['/PID', String(pid), '/T', '/F'];
}
