import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { type GitPlace, git, gitEnvironment } from './git.js';
import { Repository } from './repository.js';

/** What a checkout holds. */
export interface CheckoutState {
  readonly head: string;
  /** What differs from the head. */
  readonly diff: Buffer;
  /** Files that git doesn't know, each with its size and time. */
  readonly unknown: readonly string[];
}

/** A file that says nothing about the checkout: what this very program writes. */
export type IsOurs = (file: string, stats: Stats) => boolean;

/**
 * The state of the checkout that a folder lies in; null where it lies in none (or in one without a commit). Files that
 * git ignores are no part of it. Rejects where git can't tell.
 */
export async function stateOf(
  folder: string,
  env: GitPlace['env'],
  isOurs: IsOurs,
): Promise<CheckoutState | null> {
  const repository = await repositoryOf(folder, env);
  if (!repository) return null;
  const { commit, root } = repository;
  const place = { cwd: root, env: gitEnvironment(env) };
  const [diff, others] = await Promise.all([
    git(['diff', '--no-ext-diff', '--no-textconv', '--binary', 'HEAD', '--'], place),
    git(['ls-files', '-z', '--others', '--exclude-standard'], place),
  ]);
  const names = others.toString().split('\0').sort();
  return { head: commit, diff, unknown: names.flatMap((name) => describe(root, name, isOurs)) };
}

async function repositoryOf(folder: string, env: GitPlace['env']): Promise<Repository | null> {
  try {
    return await Repository.open(await Repository.rootOf(folder, env), env);
  } catch {
    return null;
  }
}

function describe(root: string, name: string, isOurs: IsOurs): string[] {
  const file = join(root, name);
  const stats = name === '' ? undefined : statSync(file, { throwIfNoEntry: false });
  if (!stats || isOurs(file, stats)) return [];
  return [`${name} ${stats.size} ${stats.mtimeMs}`];
}
