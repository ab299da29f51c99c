import { access, constants, stat } from 'node:fs/promises';
import { platform } from 'node:os';
import { extname, resolve } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

export const onWindows = platform() === 'win32';

/**
 * The file that starting `name` in `folder` would run, or null. A name with a slash is a path, relative to the
 * folder; any other is looked up on the PATH of `env`.
 */
export async function findProgram(
  name: string,
  folder: string,
  env: Environment,
  windows = onWindows,
): Promise<string | null> {
  for (const candidate of candidates(name, folder, env, windows)) {
    if (await isProgram(candidate)) return candidate;
  }
  return null;
}

/** Where that file may be, the first place first. */
export function candidates(name: string, folder: string, env: Environment, windows = onWindows): string[] {
  return windows ? onWindowsPath(name, folder, env) : onPath(name, folder, env);
}

function onPath(name: string, folder: string, { PATH = '/usr/bin:/bin' }: Environment): string[] {
  const folders = name.includes('/') ? [''] : PATH.split(':');
  return folders.map((path) => resolve(folder, path, name));
}

/** A file is a program there by its ending: what has none (npm leaves a script beside its `.cmd`) is for other shells. */
function onWindowsPath(name: string, folder: string, env: Environment): string[] {
  const folders = /[\\/]/.test(name) ? [''] : (env[pathName(env)] ?? '').split(';');
  const known = (env.PATHEXT ?? '.COM;.EXE;.BAT;.CMD').split(';');
  const endings = known.includes(extname(name).toUpperCase())
    ? ['']
    : known.map((ending) => ending.toLowerCase());
  return folders.flatMap((path) => endings.map((ending) => resolve(folder, path, name + ending)));
}

/** What the environment calls PATH: on Windows mostly `Path`. */
export function pathName(env: Environment): string {
  const names = Object.keys(env).filter((name) => name.toUpperCase() === 'PATH');
  return names.includes('PATH') ? 'PATH' : (names[0] ?? 'PATH');
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
