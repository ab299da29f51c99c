import { execFileSync } from 'node:child_process';
import { platform } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from 'mocha';
import { folderWith } from '../helpers/folder.js';
import { skip } from '../helpers/skip.js';

const SOURCE = fileURLToPath(new URL('../fixtures/slow-sync.c', import.meta.url));

/** Words for the shell: what is started after them syncs files of that path slowly. Skips the test where there is no compiler. */
export function slowSync(test: Context, { path, ms }: { path: string; ms: number }): string {
  const library = join(folderWith(), 'slow-sync.so');
  try {
    if (platform() !== 'linux') throw new Error('no LD_PRELOAD');
    execFileSync('cc', ['-O1', '-shared', '-fPIC', '-o', library, SOURCE, '-ldl'], { stdio: 'ignore' });
  } catch {
    return skip(test, 'there is no C compiler, or this is not Linux');
  }
  return `export LD_PRELOAD=${library} SLOW_PATH=${path} SLOW_MS=${ms};`;
}
