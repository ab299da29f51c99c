import { access, constants, stat } from 'node:fs/promises';
import { platform } from 'node:os';
import { delimiter, extname, resolve } from 'node:path';

/**
 * The file that starting `name` in `folder` would run, or null. A name with a slash is a path, relative to the
 * folder; any other is looked up on the PATH of `env`.
 */
export async function findProgram(
  name: string,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  for (const candidate of candidates(name, folder, env)) {
    if (await isProgram(candidate)) return candidate;
  }
  return null;
}

function candidates(
  name: string,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const isPath = name.includes('/') || (onWindows && name.includes('\\'));
  const folders = isPath ? [''] : (env[pathName(env)] ?? '/usr/bin:/bin').split(delimiter);
  const endings = onWindows ? windowsEndings(name, env.PATHEXT) : [''];
  return folders.flatMap((path) => endings.map((ending) => resolve(folder, path, name + ending)));
}

const onWindows = platform() === 'win32';

/** A file is a program by its ending; what has none (npm leaves a script for other shells beside its `.cmd`) is not. */
function windowsEndings(name: string, known = '.COM;.EXE;.BAT;.CMD'): string[] {
  const endings = known.split(';');
  return endings.includes(extname(name).toUpperCase()) ? [''] : endings;
}

/** What the environment calls PATH: on Windows mostly `Path`. */
export function pathName(env: Readonly<Record<string, string | undefined>>): string {
  return (onWindows && Object.keys(env).find((name) => name.toUpperCase() === 'PATH')) || 'PATH';
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** Whether it is a folder, or leads to one. */
export async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  return stats?.isDirectory() ?? false;
}
