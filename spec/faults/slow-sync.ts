import type { Context } from 'mocha';
import { preload } from './preload.js';

/** Words for the shell: what is started after them syncs files of that path slowly. */
export function slowSync(test: Context, { path, ms }: { path: string; ms: number }): string {
  return `${preload(test, 'slow-sync.c')} export SLOW_PATH=${path} SLOW_MS=${ms};`;
}
