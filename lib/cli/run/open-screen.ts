import type { Output, Streams } from '../output.js';
import type { RunView } from './request.js';
import { plainScreen, quietScreen, type Screen } from './screen.js';

type Progress = RunView['progress'];

/** The screen that is asked for, on stderr. */
export async function openScreen(progress: Progress, { stdout, stderr }: Streams): Promise<Screen> {
  if (progress === 'none') return quietScreen(stderr);
  if (!isLive(progress, stderr)) return plainScreen(stderr);
  const { liveScreen } = await import('./live-screen.js');
  return liveScreen(stderr, stdout.isTTY === true);
}

/** Milliseconds between two states of the progress line. */
export function intervalFor(progress: Progress, stderr: Output): number {
  return isLive(progress, stderr) ? 100 : 2000;
}

function isLive(progress: Progress, { isTTY }: Output): boolean {
  return progress === 'live' || (progress === 'auto' && isTTY === true);
}
