import { execFileSync } from 'node:child_process';
import { platform } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from 'mocha';
import { folderWith } from '../helpers/folder.js';
import { skip } from '../helpers/skip.js';

const FIXTURES = new URL('../fixtures/', import.meta.url);

/**
 * Words for the shell: what is started after them loads this library, which replaces calls of the system's. Skips the test
 * where there is no compiler.
 *
 * @param source name of a C file among the fixtures
 */
export function preload(test: Context, source: string): string {
  const library = join(folderWith(), 'preloaded.so');
  try {
    if (platform() !== 'linux') throw new Error('no LD_PRELOAD');
    const args = ['-O1', '-shared', '-fPIC', '-o', library, fileURLToPath(new URL(source, FIXTURES)), '-ldl'];
    execFileSync('cc', args, { stdio: 'ignore' });
  } catch {
    return skip(test, 'there is no C compiler, or this is not Linux');
  }
  return `export LD_PRELOAD=${library};`;
}
