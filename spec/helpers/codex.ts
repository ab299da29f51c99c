import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Context } from 'mocha';

/** The key that the private home's server asks for; it must never be found in a file. */
export const FAKE_KEY = 'sk-fake-1234567890-must-not-be-kept';

const installed = resolve(import.meta.dirname, '../../.cache/codex/node_modules/.bin/codex');

/**
 * The real codex binary: CODEX_BIN, else what spec/helpers/install-codex.sh installed. Without one the test or suite
 * is skipped, where REQUIRE_CODEX is set it fails.
 */
export function requireCodex(context: Context): string {
  const bin = process.env.CODEX_BIN || installed;
  if (existsSync(bin)) return bin;
  if (process.env.REQUIRE_CODEX) throw new Error(`no codex at ${bin}: run spec/helpers/install-codex.sh`);
  return context.skip();
}

/** The same, and the newer one that CODEX_BIN_NEW names: by what they are called in the titles of tests. */
export const codexBins: Readonly<Record<string, string>> = {
  codex: process.env.CODEX_BIN || installed,
  ...(process.env.CODEX_BIN_NEW && { 'the newer codex': process.env.CODEX_BIN_NEW }),
};

/** Whether the sandbox of codex works here (it needs user namespaces); commands of the model fail where it doesn't. */
export function sandboxWorks(bin: string): boolean {
  const succeeds = (...args: string[]) => spawnSync(bin, ['sandbox', ...args, '--', 'true']).status === 0;
  // Older versions want the system's name.
  return succeeds() || succeeds('linux');
}

/** Whether it knows permission profiles: versions from 0.138 on do. */
export function knowsProfiles(bin: string): boolean {
  const { stdout } = spawnSync(bin, ['--version'], { encoding: 'utf8' });
  const [, major, minor] = stdout.match(/(\d+)\.(\d+)/) ?? [];
  return Number(major) > 0 || Number(minor) >= 138;
}

/** A home of its own for codex, a folder to work in and one for artefacts. */
export interface Place extends AsyncDisposable {
  readonly root: string;
  readonly workdir: string;
  readonly generated: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Makes them, with a config that asks the server on the port and nobody else. */
export async function codexPlace(bin: string, port: number): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'codex-spec-'));
  const home = join(root, 'home');
  const workdir = join(root, 'work');
  const generated = join(root, 'generated');
  for (const folder of [home, workdir, generated]) await mkdir(folder);
  await writeFile(join(home, 'config.toml'), configFor(port));
  const { PATH, TZ } = process.env;
  return {
    root,
    workdir,
    generated,
    env: { PATH, TZ, HOME: home, CODEX_HOME: home, CODEX_BIN: bin, FAKE_KEY },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function configFor(port: number): string {
  return `model = "gpt-5.5"
model_provider = "fake"
check_for_update_on_startup = false
[model_providers.fake]
name = "fake"
base_url = "http://127.0.0.1:${port}/v1"
env_key = "FAKE_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
[analytics]
enabled = false
[features]
plugins = false
shell_snapshot = false
unbounded_connection_retries = false
`;
}
