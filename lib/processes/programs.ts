import { access, constants, open, stat } from 'node:fs/promises';
import { platform } from 'node:os';
import { basename, extname, resolve } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

const onWindows = platform() === 'win32';

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
function candidates(name: string, folder: string, env: Environment, windows = onWindows): string[] {
  return windows ? onWindowsPath(name, folder, env) : onPath(name, folder, env);
}

function onPath(name: string, folder: string, { PATH = '/usr/bin:/bin' }: Environment): string[] {
  const folders = name.includes('/') ? [''] : PATH.split(':');
  return folders.map((path) => resolve(folder, path, name));
}

/** A file is a program there by its ending: one without (npm leaves a script beside its `.cmd`) is for other shells. */
function onWindowsPath(name: string, folder: string, env: Environment): string[] {
  const folders = /[\\/]/.test(name) ? [''] : (env[pathName(env)] ?? '').split(';');
  const known = (env.PATHEXT ?? '.COM;.EXE;.BAT;.CMD').split(';');
  const endings = known.includes(extname(name).toUpperCase())
    ? ['']
    : known.map((ending) => ending.toLowerCase());
  return folders.flatMap((path) => endings.map((ending) => resolve(folder, path, name + ending)));
}

/** The name of PATH in the environment: on Windows mostly `Path`. */
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

/** True if it is a folder, or leads to one. */
export async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  return stats?.isDirectory() ?? false;
}

/** Why a program can't be started. */
export interface ProgramMistake {
  /** To be put after the program's name. */
  readonly why: string;
  /** A remedy for the user. */
  readonly remedy: string;
  /** There is no file of that name. */
  readonly isMissing: boolean;
}

/** No system reads more of a script to find its interpreter, bytes. */
const FIRST_LINE_BYTES = 256;

/**
 * Why starting `name` in `folder` (absolute) can't work; null where nothing speaks against it. The interpreter in a
 * script's first line is looked for, too: a system that doesn't find it says that the script isn't there.
 */
export async function programMistake(
  name: string,
  folder: string,
  env: Environment,
): Promise<ProgramMistake | null> {
  const found = await findProgram(name, folder, env);
  if (found !== null) return onWindows ? null : interpreterMistake(found, folder, env);
  for (const file of candidates(name, folder, env)) {
    const stats = await stat(file).catch(() => null);
    if (stats?.isDirectory()) return mistake('it is a folder', 'name the program in it');
    if (stats) return mistake("it isn't executable", `make it so: chmod +x ${file}`);
  }
  const place = name.includes('/') ? `in ${folder}` : 'on PATH';
  const why = `there is no such program ${place}`;
  return { why, remedy: 'install it or correct its name', isMissing: true };
}

async function interpreterMistake(
  file: string,
  folder: string,
  env: Environment,
): Promise<ProgramMistake | null> {
  const [interpreter = '', argument = ''] = wordsOf(await firstLine(file));
  const isThere = async (name: string) => (await findProgram(name, folder, env)) !== null;
  const missing = await missingOf(interpreter, argument, isThere);
  if (missing === null) return null;
  const why = `its first line asks for the interpreter ${JSON.stringify(missing)}, which isn't there`;
  return missing.endsWith('\r')
    ? mistake(why, `it has Windows line ends: convert it (dos2unix ${file})`)
    : mistake(why, 'install that or correct the line');
}

/** `#!/usr/bin/env node` looks for node on PATH. */
async function missingOf(
  interpreter: string,
  argument: string,
  isThere: (name: string) => Promise<boolean>,
): Promise<string | null> {
  if (interpreter === '') return null;
  if (!(await isThere(interpreter))) return interpreter;
  const namesProgram = basename(interpreter) === 'env' && /^[^-][^=]*$/.test(argument);
  return namesProgram && !(await isThere(argument)) ? argument : null;
}

/** Words are divided by spaces and tabs: a CR is a part of one. */
function wordsOf(line: string): string[] {
  return line.startsWith('#!')
    ? line
        .slice(2)
        .split(/[ \t]+/)
        .filter((word) => word !== '')
    : [];
}

/** Empty where it can't be read, or is longer than any system reads it. */
async function firstLine(file: string): Promise<string> {
  const handle = await open(file).catch(() => null);
  try {
    const { buffer, bytesRead = 0 } = (await handle?.read(Buffer.alloc(FIRST_LINE_BYTES))) ?? {};
    const [line = '', ...others] = buffer?.toString('latin1', 0, bytesRead).split('\n') ?? [];
    return others.length > 0 || bytesRead < FIRST_LINE_BYTES ? line : '';
  } finally {
    await handle?.close();
  }
}

function mistake(why: string, remedy: string): ProgramMistake {
  return { why, remedy, isMissing: false };
}
