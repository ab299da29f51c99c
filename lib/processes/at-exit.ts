import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { lookNow } from './look.js';
import { groupsOfZombiesNow } from './table.js';
import { GRACE_MS, STOP_MS, trees } from './tree.js';
import { onWindows } from './windows.js';

const POLL_MS = 50;

let watching: Promise<void> | undefined;

/**
 * From now on, processes started here are ended when this process ends: at its exit, and where a signal ends it. (A
 * signal with another listener is left to that.)
 */
export function endWithUs(): Promise<void> {
  watching ??= import('signal-exit').then(({ onExit }) => {
    onExit(endAllNow);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) listenTo(signal);
  });
  return watching;
}

/**
 * Notes each signal. And signal-exit counts the listeners when its turn comes: one that listened once is gone by then. So
 * it is made to count one more where there is one.
 */
function listenTo(signal: NodeJS.Signals): void {
  const first = () => {
    hear(signal);
    if (process.rawListeners(signal).some(isOnce)) return;
    process.off(signal, first);
    queueMicrotask(() => process.prependListener(signal, first));
  };
  process.prependListener(signal, first);
}

/** `once` listens with a function that has the listener in it. */
function isOnce(listener: unknown): boolean {
  return typeof listener === 'function' && 'listener' in listener;
}

/** Sends a signal to all that may still run; synchronous, so that it can be the last thing done. */
export function endAll(signal: NodeJS.Signals): void {
  const deadline = performance.now() + STOP_MS;
  while (trees.size > 0 && !allStandStill() && performance.now() < deadline);
  for (const tree of trees) tree.tell(signal);
}

/** Else they could begin other groups while these are looked for. */
function allStandStill(): boolean {
  if (onWindows) return true;
  for (const tree of trees) tree.kill('SIGSTOP');
  const look = lookNow();
  return ![...trees].map((tree) => tree.standsStill(look)).includes(false);
}

/** TERM to all, KILL to the rest after the grace. It blocks: nothing else happens any more. */
function endAllNow(): void {
  const deadline = performance.now() + GRACE_MS;
  endAll('SIGTERM');
  while (someLeft() && performance.now() < deadline) sleep(POLL_MS);
  endAll('SIGKILL');
  for (const tree of trees) tree.forget();
}

function someLeft(): boolean {
  for (const tree of trees) if (!tree.kill(0)) tree.forget();
  if (trees.size === 0) return false;
  const zombies = groupsOfZombiesNow();
  return [...trees].some((tree) => !tree.isGone(zombies));
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const listening = new Set<Set<NodeJS.Signals>>();

/** Takes note of a signal that this process was sent. */
function hear(signal: NodeJS.Signals): void {
  for (const heard of listening) heard.add(signal);
}

/**
 * The signals that reached this process while it started a child. Called in the turn of the event loop that started it:
 * starting blocks until the program begins, so node tells of such a signal in the next poll, which the second of two
 * immediates always comes after.
 */
export async function heardWhileStarting(): Promise<ReadonlySet<string>> {
  const heard = new Set<NodeJS.Signals>();
  listening.add(heard);
  await setImmediate();
  await setImmediate();
  listening.delete(heard);
  return heard;
}
