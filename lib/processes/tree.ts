import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { type Look, nextLook } from './look.js';
import { sweepSoon } from './sweep.js';
import { isGroupOfZombies, type Listed, onLinux } from './table.js';
import { endTreeNow, endTreeUnder, onWindows } from './windows.js';

/** From TERM to KILL, milliseconds. */
export const GRACE_MS = 5000;
/** Give up waiting for SIGSTOP after this, ms. */
export const STOP_MS = 500;
const FIRST_POLL_MS = 10;
const LAST_POLL_MS = 160;
const PATIENCE_MS = 100;

/** Trees of which something may still run. */
export const trees = new Set<ProcessTree>();

/** How a tree is ended, and a listener for its end. */
interface TreeOptions {
  /** From TERM to KILL, milliseconds. Default: 5000. */
  readonly graceMs?: number | undefined;
  /** Called once, when nothing of it is left or all of it was KILLed. */
  readonly gone?: (() => void) | undefined;
}

/**
 * A leader with a group of its own, all processes in that group, those in further groups that these have begun (agents
 * run their commands in such), and those with the leader's mark in their environment: daemons have left their parent.
 */
export class ProcessTree {
  readonly #leader: number;
  readonly #mark: string;
  readonly #graceMs: number;
  readonly #gone: () => void;
  /** Without those that have ended: their numbers may be given anew. */
  readonly #groups: Set<number>;
  #ending: Promise<void> | undefined;

  constructor(leader: number, mark: string, { graceMs = GRACE_MS, gone = () => {} }: TreeOptions = {}) {
    this.#leader = leader;
    this.#mark = mark;
    this.#graceMs = graceMs;
    this.#gone = gone;
    this.#groups = new Set([leader]);
    trees.add(this);
  }

  /** Synchronous, so that it can be the last thing done. False where no process is left. */
  kill(signal: NodeJS.Signals | 0): boolean {
    for (const group of this.#groups) if (!send(signal, group)) this.#groups.delete(group);
    return this.#groups.size > 0;
  }

  /** Takes in the groups that come from it. True where all of it stands still: no further ones can come. */
  standsStill({ table, groupsByMark }: Look): boolean {
    const found = groupsUnder([...this.#groups, ...(groupsByMark.get(this.#mark) ?? [])], table);
    const isNew = found.size > this.#groups.size;
    for (const group of found) this.#groups.add(group);
    const members = table.filter(({ group, isZombie }) => found.has(group) && !isZombie);
    return !isNew && members.every(({ isStopped }) => isStopped);
  }

  /**
   * Sends a signal to the stopped processes. Groups begun by the leader's group are KILLed at once: they could leave it
   * again, and ignore SIGTERM where they are the first process of a container.
   */
  tell(signal: NodeJS.Signals): void {
    for (const group of this.#groups) if (group !== this.#leader) send('SIGKILL', group);
    this.kill(signal);
    this.kill('SIGCONT');
  }

  /** TERM, and KILL to the rest after the grace; once, however often it is called. */
  end(): Promise<void> {
    this.#ending ??= (onWindows ? endTreeUnder(this.#leader) : this.#end()).finally(() => this.forget());
    return this.#ending;
  }

  /** Its leader has ended: mostly nothing is left of it. (On Windows nothing more can be found.) */
  leaderEnded(): void {
    const isLeft = !onWindows && this.kill(0);
    if (!isLeft && !onLinux) this.forget();
  }

  /** Its leader's outputs have ended, too: ends the rest without waiting for it. */
  leave(): void {
    if (this.kill(0)) void this.end();
    else if (onLinux) sweepSoon(this);
    else this.forget();
  }

  /** Ends the rest of it in groups that only its mark identifies. */
  async endOrForget({ groupsByMark }: Look): Promise<void> {
    if (groupsByMark.has(this.#mark)) await this.end();
    else this.forget();
  }

  /** Nothing is left of it, as far as can be known. */
  forget(): void {
    this.#groups.clear();
    if (trees.delete(this)) this.#gone();
  }

  /** @param zombies all groups that only look alive */
  isGone(zombies: ReadonlySet<number>): boolean {
    return !this.kill(0) || [...this.#groups].every((group) => zombies.has(group));
  }

  async #end(): Promise<void> {
    await this.#stop();
    this.tell('SIGTERM');
    const began = performance.now();
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

  /** Else it could begin another group while they are looked for. A system call is finished before. */
  async #stop(): Promise<void> {
    const began = performance.now();
    do this.kill('SIGSTOP');
    while (!this.standsStill(await nextLook()) && performance.now() - began < STOP_MS);
  }

  /** Most have ended soon: only the others are worth another look at the system's processes. */
  async #isAlive(ms: number): Promise<boolean> {
    if (!this.kill(0)) return false;
    if (ms < PATIENCE_MS) return true;
    const zombies = await Promise.all([...this.#groups].map(isGroupOfZombies));
    return zombies.includes(false);
  }
}

function send(signal: NodeJS.Signals | 0, group: number): boolean {
  if (onWindows) return endTreeNow(group);
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}

/** The groups, and all groups begun by their members. */
export function groupsUnder(roots: Iterable<number>, table: readonly Listed[]): ReadonlySet<number> {
  const found = new Set(roots);
  let known = 0;
  while (known < found.size) {
    known = found.size;
    const members = new Set(table.filter(({ group }) => found.has(group)).map(({ pid }) => pid));
    for (const { parent, group } of table) if (members.has(parent)) found.add(group);
  }
  return found;
}
