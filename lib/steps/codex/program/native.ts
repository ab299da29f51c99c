import { readFile, realpath, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, resolve } from 'node:path';

/** The program that npm's launcher of codex would start, and its arguments. */
export interface Native {
  /** Absolute. */
  readonly file: string;
  /** A folder of programs that come with it, for PATH; newer versions find theirs themselves. */
  readonly path: string | null;
  /** The launcher's package. */
  readonly root: string;
}

/** The machine, in Node's words. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
}

/** The machine, in Rust's words. */
const TARGETS: Readonly<Record<string, string>> = {
  'linux-x64': 'x86_64-unknown-linux-musl',
  'linux-arm64': 'aarch64-unknown-linux-musl',
  'darwin-x64': 'x86_64-apple-darwin',
  'darwin-arm64': 'aarch64-apple-darwin',
  'win32-x64': 'x86_64-pc-windows-msvc',
  'win32-arm64': 'aarch64-pc-windows-msvc',
};

/**
 * The native program behind npm's `codex`, which is a script that starts Node to start it: a process and 40 MB more for
 * every flow. On Windows there is a shim before the script, for the shell, which would read the arguments. Null where
 * `found` is something else, or nothing is found behind it.
 */
export async function nativeBehind(found: string, { platform, arch }: Machine): Promise<Native | null> {
  const target = TARGETS[`${platform}-${arch}`];
  const launcher = platform === 'win32' ? await scriptIn(found) : await scriptAt(found);
  if (target === undefined || launcher === null) return null;
  const root = resolve(dirname(launcher), '..');
  const vendor = join(vendorOf(launcher, `@openai/codex-${platform}-${arch}`), target);
  const name = platform === 'win32' ? 'codex.exe' : 'codex';
  const file = await firstOf([join(vendor, 'bin', name), join(vendor, 'codex', name)]);
  return file === null ? null : { file, path: await firstOf([join(vendor, 'path')]), root };
}

/** A link leads to it. */
async function scriptAt(found: string): Promise<string | null> {
  const file = await realpath(found).catch(() => '');
  return basename(file) === 'codex.js' ? file : null;
}

/** npm, pnpm and yarn write the path as seen from the shim: `"%dp0%\node_modules\@openai\codex\bin\codex.js"`. */
async function scriptIn(shim: string): Promise<string | null> {
  if (!/^\.(cmd|bat|ps1)$/i.test(extname(shim))) return null;
  const text = await readFile(shim, 'utf8').catch(() => '');
  const [, path] = text.match(/"(?:%~dp0|%dp0%|\$basedir)[\\/]([^"]*codex\.js)"/i) ?? [];
  return path === undefined ? null : resolve(dirname(shim), path.replaceAll('\\', '/'));
}

/** Where the launcher looks: in the package for this machine, else in its own. */
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
