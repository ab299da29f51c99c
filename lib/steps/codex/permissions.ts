import { lstat, readlink, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, relative, resolve } from 'node:path';
import * as z from 'zod';
import { ConfigError } from '../../errors.js';
import { isOutside } from '../../git/repository.js';
import type { Checked, StepEnvironment } from '../contract.js';
import type { CodexConfig } from './config.js';
import { profileArguments } from './program/arguments.js';
import { homeOf } from './program/home.js';
import type { Wanted } from './program/probes.js';
import { asking } from './program/probes.js';
import { settingsIn, tableIn } from './program/settings.js';

/*
 * The program trusts its files in the generated folder, so a model must not write there. Where the folder lies in one
 * that the model may write in, codex is told to keep it read-only. A permission profile does that (codex 0.138
 * and newer, https://developers.openai.com/codex/permissions, 2026-11), which takes the place of `--sandbox`. Older
 * versions have no means for it: there the step is refused.
 */

/** Permissions of "workspace-write" beside the workdir. */
const workspace = z.object({
  network_access: z.boolean().optional().catch(undefined),
  writable_roots: z.array(z.string()).optional().catch(undefined),
  exclude_slash_tmp: z.boolean().optional().catch(undefined),
  exclude_tmpdir_env_var: z.boolean().optional().catch(undefined),
});

/** Folders that the model may write in, and hosts that it may reach; folders are absolute. */
interface Allowed {
  readonly roots: readonly string[];
  readonly slashTmp: boolean;
  readonly tmpdir: boolean;
  readonly network: boolean;
}

/** Prints for each folder where a file can be made its number, and "probed" at the end. */
const PROBE = `n=0
for folder do
  file=$(mktemp "$folder/.may-write.XXXXXX" 2> /dev/null) && rm -f "$file" && echo "writable $n"
  n=$((n + 1))
done
echo probed`;

/**
 * The settings of the permission profile that keeps the generated folder from the model; null where none is needed.
 * Throws a ConfigError where the folder can't be kept from it.
 */
export async function profileFor(wanted: Wanted, setup: StepEnvironment): Promise<readonly string[] | null> {
  const { config, cwd } = wanted;
  if (config.sandbox !== 'workspace-write') return null;
  await setup.artefacts.prepare();
  const generated = await realpath(setup.artefacts.directory);
  const allowed = await allowedFor(wanted);
  const writable = await realFolders([...(config.worktree ? [] : [cwd]), ...foldersIn(allowed, wanted)]);
  const refuse = (root: string, why: string) => {
    throw new ConfigError([
      { where: `${setup.where}.sandbox`, message: refusal(generated, root, why, config) },
    ]);
  };
  const links = await foldersOfLinks(resolve(setup.artefacts.directory));
  const linked = writable.find((root) => links.some((folder) => isWithin(root, folder)));
  if (linked !== undefined) refuse(linked, 'the way to it leads over a link there');
  const holding = writable.filter((root) => isWithin(root, generated));
  const [root] = holding;
  if (root === undefined) return null;
  if (config.worktree) refuse(root, 'that folder is one of its `writable_roots`');
  // A folder on the way could be renamed, and another put in its place, whatever is read-only in it.
  const above = holding.find((folder) => folder !== dirname(generated));
  if (above !== undefined)
    refuse(above, 'codex can keep it read-only only where it lies directly in that folder');
  const profile = profileWith(allowed, generated);
  if (!(await holds(profile, generated, wanted, setup))) {
    refuse(root, `this codex can't keep it read-only (${wanted.file}; versions from 0.138 on can)`);
  }
  return profile;
}

/** The step's settings go before those in the home. */
async function allowedFor({ config, cwd, env }: Wanted): Promise<Allowed> {
  const home = homeOf(env);
  const own = workspace.parse(await tableIn(config.config, 'sandbox_workspace_write'));
  const kept = workspace.parse((await settingsIn(home)).sandbox_workspace_write ?? {});
  const resolved = (paths: readonly string[] | undefined, folder: string) =>
    paths?.map((path) => resolve(folder, path.replace(/^~(?=\/|$)/, env.HOME ?? '~')));
  return {
    roots: resolved(own.writable_roots, cwd) ?? resolved(kept.writable_roots, home) ?? [],
    // Closed unless the step itself opens them.
    slashTmp: own.exclude_slash_tmp === false,
    tmpdir: own.exclude_tmpdir_env_var === false,
    network: own.network_access ?? kept.network_access ?? false,
  };
}

function foldersIn({ roots, slashTmp, tmpdir: temporary }: Allowed, { env }: Wanted): string[] {
  return [...roots, ...(slashTmp ? ['/tmp'] : []), ...(temporary ? [env.TMPDIR ?? tmpdir()] : [])];
}

/** Without links; one that isn't there stands as it is. */
function realFolders(folders: readonly string[]): Promise<string[]> {
  return Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
}

function profileWith({ roots, slashTmp, tmpdir: temporary, network }: Allowed, generated: string): string[] {
  const access = new Map([
    [':slash_tmp', slashTmp ? 'write' : 'read'],
    [':tmpdir', temporary ? 'write' : 'read'],
    ...roots.map((root): [string, string] => [root, 'write']),
    [generated, 'read'],
  ]);
  const filesystem = [...access].map(([path, mode]) => `${JSON.stringify(path)}="${mode}"`).join(',');
  const further = network ? ',network={enabled=true}' : '';
  return [
    'default_permissions="orchestrator"',
    `permissions.orchestrator={extends=":workspace",filesystem={${filesystem}}${further}}`,
  ];
}

/** Asks the sandbox itself: a version that doesn't know profiles takes the settings, and does something else. */
async function holds(
  profile: readonly string[],
  generated: string,
  wanted: Wanted,
  setup: StepEnvironment,
): Promise<boolean> {
  const ask = asking(wanted, setup);
  const settings = profileArguments(wanted.config, profile);
  const folders = [wanted.cwd, generated, dirname(dirname(generated))];
  const { said } = await ask(...settings, 'sandbox', '--', 'sh', '-c', PROBE, 'sh', ...folders);
  const lines = said.split('\n').filter((line) => /^(writable \d+|probed)$/.test(line));
  return lines.join() === 'writable 0,probed';
}

/** The folders of the links on the way to a path: a program that writes there can redirect the way. */
async function foldersOfLinks(path: string): Promise<string[]> {
  const parent = dirname(path);
  if (parent === path) return [];
  const before = await foldersOfLinks(parent);
  if (!(await lstat(path)).isSymbolicLink()) return before;
  const folder = await realpath(parent);
  return [...before, folder, ...(await foldersOfLinks(resolve(folder, await readlink(path))))];
}

function isWithin(folder: string, path: string): boolean {
  return !isOutside(relative(folder, path));
}

function refusal(generated: string, root: string, why: string, { worktree }: Checked<CodexConfig>): string {
  return (
    `"workspace-write" would let the model change the files in ${generated}, as it may write in ${root}: ${why}; ` +
    `name a folder elsewhere with --generated${worktree ? '' : ', or give each flow a checkout of its own with `worktree: true`'}`
  );
}
