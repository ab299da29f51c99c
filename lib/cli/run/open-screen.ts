import type { Streams } from '../output.js';
import type { RunView } from './request.js';
import { plainScreen, quietScreen, type Screen } from './screen.js';

type Progress = RunView['progress'];

/** The screen that is asked for, on stderr. */
export async function openScreen(progress: Progress, streams: Streams): Promise<Screen> {
  const { stdout, stderr } = streams;
  if (progress === 'none') return quietScreen(stderr);
  if (!isLive(progress, streams)) return plainScreen(stderr);
  const { liveScreen } = await import('./live-screen.js');
  return liveScreen(stderr, stdout.isTTY === true);
}

/** Milliseconds between two states of the progress line. */
export function intervalFor(progress: Progress, streams: Streams): number {
  return isLive(progress, streams) ? 100 : 2000;
}

/** A dumb terminal (a shell in Emacs, some consoles of CI) can't move its cursor. */
function isLive(progress: Progress, { stderr, env }: Streams): boolean {
  const canRedraw = stderr.isTTY === true && env.TERM !== 'dumb';
  return progress === 'live' || (progress === 'auto' && canRedraw);
}
