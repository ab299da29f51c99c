import { execFileSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { basename, join } from 'node:path';
import type { Context } from 'mocha';
import { folderWith } from '../helpers/folder.js';
import { skip } from '../helpers/skip.js';

/** A file system of its own, of the kind that a disk has. */
export interface FailingDisk extends Disposable {
  readonly folder: string;
  /** From now on it can't be written: programs that try get EIO, those that open a file to write EROFS. */
  fail(): void;
  /** It works again; what wasn't synced before it failed is gone. No file on it may be open. */
  repair(): void;
}

const BYTES = 2 ** 25;

/** Mounts it; where that isn't allowed (only root on Linux may), the test is skipped. */
export function failingDisk(test: Context): FailingDisk {
  const root = folderWith({ image: '' });
  const [image, folder] = [join(root, 'image'), join(root, 'disk')];
  truncateSync(image, BYTES);
  mkdirSync(folder);
  try {
    if (platform() !== 'linux') throw new Error('no ext4');
    const device = call('losetup', '--find', '--show', image);
    call('mkfs.ext4', '-q', device);
    const mount = () => call('mount', '-o', 'errors=remount-ro', device, folder);
    const unmount = () => call('umount', folder);
    mount();
    return {
      folder,
      fail: () => writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, '1'),
      repair() {
        unmount();
        call('sh', '-c', 'e2fsck -fy "$0" || test $? = 1', device);
        mount();
      },
      [Symbol.dispose]() {
        unmount();
        call('losetup', '--detach', device);
      },
    };
  } catch {
    return skip(test, 'only root on Linux may make and mount a disk');
  }
}

function call(command: string, ...args: string[]): string {
  return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' }).trim();
}
