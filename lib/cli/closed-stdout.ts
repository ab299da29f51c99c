import { fstatSync, readSync, statSync } from 'node:fs';
import { devNull } from 'node:os';
import { ConfigError } from '../errors.js';
import type { Output } from './output.js';

const [STDIN, STDOUT, STDERR] = [0, 1, 2];

/**
 * Throws a ConfigError where stdout was closed before the program started (`>&-`). Node opens the null device then, for
 * reading and writing: all results would be lost without an error. (`> /dev/null` opens it for writing only. A parent
 * that gives the null device to all three, as daemons are started, wants no output.)
 */
export function assertOpen({ fd }: Output): void {
  if (fd !== STDOUT || !isStandIn(STDOUT) || (isStandIn(STDIN) && isStandIn(STDERR))) return;
  const message =
    'it is closed, and what goes there would be lost; redirect it (> out.ndjson, or > /dev/null where it is not wanted)';
  throw new ConfigError([{ where: 'stdout', message }]);
}

/** Whether it is the null device, open for reading. */
function isStandIn(fd: number): boolean {
  return isNull(fd) && isReadable(fd);
}

function isNull(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isCharacterDevice() && stats.rdev === statSync(devNull).rdev;
  } catch {
    return false;
  }
}

/** There is nothing to read in the null device: nothing is taken from anybody. */
function isReadable(fd: number): boolean {
  try {
    readSync(fd, Buffer.alloc(1));
    return true;
  } catch {
    return false;
  }
}
