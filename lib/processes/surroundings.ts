import { fstatSync } from 'node:fs';
import process from 'node:process';

/** The folder and the environment of the process itself. */
export function surroundings(): { cwd: string; env: Readonly<Record<string, string | undefined>> } {
  return { cwd: process.cwd(), env: process.env };
}

/** Whether it is the file that stdout or stderr is redirected to. */
export function isStandardOutput({ dev, ino }: { readonly dev: number; readonly ino: number }): boolean {
  return [1, 2].some((descriptor) => {
    const stats = fstatSync(descriptor);
    return stats.dev === dev && stats.ino === ino;
  });
}
