import { GRACE_MS, groups } from './group.js';
import { groupsOfZombiesNow } from './zombies.js';

const POLL_MS = 50;

let watching: Promise<void> | undefined;

/**
 * From now on all groups are ended when this process ends: at its exit, and where a signal ends it. (A signal that
 * somebody listens to is theirs to judge.)
 */
export function endWithUs(): Promise<void> {
  watching ??= import('signal-exit').then(({ onExit }) => void onExit(endAllNow));
  return watching;
}

/** Sends a signal to every group that may still run; synchronous, so that it can be the last thing done. */
export function endAll(signal: NodeJS.Signals): void {
  for (const group of groups) group.kill(signal);
}

/** TERM to every group, KILL to what is still there after the grace. It blocks: nothing else happens any more. */
function endAllNow(): void {
  const deadline = performance.now() + GRACE_MS;
  endAll('SIGTERM');
  while (someLeft() && performance.now() < deadline) sleep(POLL_MS);
  endAll('SIGKILL');
  for (const group of groups) group.forget();
}

function someLeft(): boolean {
  if (groups.size === 0) return false;
  const zombies = groupsOfZombiesNow();
  return [...groups].some((group) => !group.isGone(zombies));
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
