import { type Look, nextLook } from './look.js';

/** From one look at the system's processes to the next: at least so many milliseconds, and so many times its duration. */
const PAUSE_MS = 1000;
const PAUSE_TIMES = 50;

/** A tree whose groups have ended. */
interface EndedTree {
  /** Ends the rest of it in further groups. */
  endOrForget(look: Look): Promise<unknown>;
}

/** Trees whose groups have ended, and that may have left processes in others. */
const ended = new Set<EndedTree>();

let timer: NodeJS.Timeout | undefined;
let pauseMs = PAUSE_MS;
let latest: Promise<unknown> = Promise.resolve();

/** Looks soon for the rest of a tree whose groups have ended. */
export function sweepSoon(tree: EndedTree): void {
  ended.add(tree);
  timer ??= setTimeout(sweep, pauseMs).unref();
}

/**
 * Ends the rest of such trees, now. A look takes a moment where many processes run (0.07 s for 1,000), so that one is
 * for all that ended meanwhile.
 */
export async function sweep(): Promise<void> {
  latest = Promise.all([latest, sweepOnce()]);
  await latest;
}

async function sweepOnce(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  if (ended.size === 0) return;
  const trees = [...ended];
  ended.clear();
  const began = performance.now();
  const look = await nextLook();
  pauseMs = Math.max(PAUSE_MS, PAUSE_TIMES * (performance.now() - began));
  await Promise.all(trees.map((tree) => tree.endOrForget(look)));
}
