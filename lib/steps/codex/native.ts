import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';

/** What npm's launcher of codex would start. */
export interface Native {
  /** Absolute. */
  readonly file: string;
  /** Folders of the programs that come with it, for PATH. */
  readonly paths: readonly string[];
}

/** The machine, in Node's words. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
}

const TARGETS: Readonly<Record<string, string>> = {
  'win32-x64': 'x86_64-pc-windows-msvc',
  'win32-arm64': 'aarch64-pc-windows-msvc',
};

/**
 * The program that a shim of npm (`codex.cmd`) stands for: Windows runs such a file by its shell only, which would read
 * the arguments. Null where `shim` is none, or there is nothing behind it.
 */
export async function nativeBehind(shim: string, { platform, arch }: Machine): Promise<Native | null> {
  const target = TARGETS[`${platform}-${arch}`];
  if (target === undefined || !/^\.(cmd|bat|ps1)$/i.test(extname(shim))) return null;
  const launcher = await launcherIn(shim);
  if (launcher === null) return null;
  const root = join(vendorOf(launcher, `@openai/codex-${platform}-${arch}`), target);
  // Newer versions keep it in `bin`, older ones in `codex`.
  const file = await firstOf([join(root, 'bin/codex.exe'), join(root, 'codex/codex.exe')]);
  const paths = await firstOf([join(root, 'codex-path'), join(root, 'path')]);
  return file === null ? null : { file, paths: paths === null ? [] : [paths] };
}

/** npm, pnpm and yarn write the path from the shim's folder to the script: `"%dp0%\node_modules\…\codex.js"`. */
async function launcherIn(shim: string): Promise<string | null> {
  const text = await readFile(shim, 'utf8').catch(() => '');
  const [, path] = text.match(/"(?:%~dp0|%dp0%|\$basedir)[\\/]([^"]*codex\.js)"/i) ?? [];
  return path === undefined ? null : resolve(dirname(shim), path.replaceAll('\\', '/'));
}

/** Where the launcher finds it: in the package for this machine, else in its own. */
function vendorOf(launcher: string, name: string): string {
  try {
    return join(dirname(createRequire(launcher).resolve(`${name}/package.json`)), 'vendor');
  } catch {
    return resolve(dirname(launcher), '../vendor');
  }
}

async function firstOf(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) if (await stat(path).catch(() => null)) return path;
  return null;
}
