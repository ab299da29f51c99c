import { fstatSync } from 'node:fs';
import process from 'node:process';
import { ConfigError, messageOf } from '../errors.js';

/** The folder and the environment of the process itself. Throws a ConfigError where the folder no longer exists. */
export function currentProcess(): { cwd: string; env: Readonly<Record<string, string | undefined>> } {
  return { cwd: workingFolder(), env: process.env };
}

/** The process's own folder, absolute. Throws a ConfigError where it no longer exists. */
export function workingFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    const message = `the working directory is gone (${messageOf(error)}); change to one that exists`;
    throw new ConfigError([{ where: '', message }]);
  }
}

/** True if stdout or stderr is redirected to this file. */
export function isStandardOutput({ dev, ino }: { readonly dev: number; readonly ino: number }): boolean {
  return [1, 2].some((descriptor) => {
    const stats = fstatSync(descriptor);
    return stats.dev === dev && stats.ino === ino;
  });
}
