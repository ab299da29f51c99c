import { hash } from 'node:crypto';
import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { type GitPlace, git } from './git.js';
import { guarded } from './guard.js';
import { Repository } from './repository.js';

/** The content of a checkout, by paths that are relative to its top. */
export interface CheckoutState {
  readonly head: string;
  /** Digests of the differences from the head. */
  readonly changed: Readonly<Record<string, string>>;
  /** Size and time of each file that git doesn't track. */
  readonly untracked: Readonly<Record<string, string>>;
}

/** A file that says nothing about the checkout: one that this program writes. */
export type IsOurs = (file: string, stats: Stats) => boolean;

const DIFF = [
  'diff',
  '--no-ext-diff',
  '--no-textconv',
  '--binary',
  '--no-color',
  '--no-renames',
  '--no-prefix',
  '--submodule=short',
  '--ignore-submodules=dirty',
];

/**
 * The state of the checkout that a folder lies in; null where it lies in none (or in one without a commit). Ignored
 * files don't count, nor do untracked ones without content; of a submodule its commit alone counts. Rejects where git
 * can't tell.
 */
export async function stateOf(
  folder: string,
  env: GitPlace['env'],
  isOurs: IsOurs,
): Promise<CheckoutState | null> {
  const repository = await repositoryOf(folder, env);
  if (!repository) return null;
  const { commit, root } = repository;
  const place = await guarded(repository.place);
  const [diff, others] = await Promise.all([
    git([...DIFF, 'HEAD', '--'], place),
    git(['ls-files', '-z', '--others', '--exclude-standard'], place),
  ]);
  const statsOf = (name: string) => {
    const file = join(root, name);
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats && !isOurs(file, stats) ? stats : null;
  };
  const names = others.toString().split('\0').slice(0, -1).sort();
  return {
    head: commit,
    changed: changesIn(diff),
    untracked: Object.fromEntries(
      names.flatMap((name) => {
        const stats = statsOf(name);
        return stats && stats.size > 0 ? [[name, `${stats.size} ${stats.mtimeMs}`]] : [];
      }),
    ),
  };
}

async function repositoryOf(folder: string, env: GitPlace['env']): Promise<Repository | null> {
  try {
    return await Repository.open(await Repository.rootOf(folder, env), env);
  } catch {
    return null;
  }
}

/**
 * A digest of each file's part of a diff. Its lines all begin otherwise than a file's first one, `diff --git a.txt
 * a.txt`.
 */
function changesIn(diff: Buffer): Record<string, string> {
  const [, ...sections] = `\n${diff.toString('latin1')}`.split('\ndiff --git ');
  const changes: Record<string, string> = {};
  for (const section of sections) {
    const [header = ''] = section.split('\n', 1);
    const name = Buffer.from(header.slice(0, (header.length - 1) / 2), 'latin1').toString();
    changes[name] = hash('sha256', `${changes[name] ?? ''}${section}`).slice(0, 32); // a file that became a link has two
  }
  return changes;
}
