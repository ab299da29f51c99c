import process from 'node:process';

/** The folder and the environment of the process itself. */
export function surroundings(): { cwd: string; env: Readonly<Record<string, string | undefined>> } {
  return { cwd: process.cwd(), env: process.env };
}
