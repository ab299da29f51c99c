import { execFileSync } from 'node:child_process';
import { platform } from 'node:os';
import type { Context } from 'mocha';
import { folderWith } from './folder.js';
import { skip } from './skip.js';

/** A file system of its own, in memory. */
export interface SmallDisk extends Disposable {
  readonly folder: string;
  /** Mounts it again with other options: `size=5m`, `ro`. */
  change(options: string): void;
}

/** Mounts it; where that isn't allowed (only root on Linux may), the test is skipped. */
export function smallDisk(test: Context, size: string): SmallDisk {
  const folder = folderWith();
  const mount = (options: string) =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
  try {
    if (platform() !== 'linux') throw new Error('no tmpfs');
    mount(`size=${size},mode=700`);
  } catch {
    return skip(test, 'only root on Linux may mount a disk');
  }
  return {
    folder,
    change: (options) => mount(`remount,${options}`),
    [Symbol.dispose]: () => execFileSync('umount', ['--lazy', folder]),
  };
}
