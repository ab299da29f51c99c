import { realpath } from 'node:fs/promises';
import { relative } from 'node:path';
import { ConfigError, messageOf } from '../../../errors.js';
import { filtersLeftOut } from '../../../git/guard.js';
import { Repository } from '../../../git/repository.js';
import type { StepEnvironment } from '../../contract.js';

const SHOWN = 3;

/** The top folder of the repository that the workdir lies in. Throws a ConfigError where it lies in none. */
export async function findRoot(workdir: string, setup: StepEnvironment): Promise<string> {
  return orIssue(Repository.rootOf(workdir, setup.env), setup, (why) => {
    return `needs git, and a repository at ${workdir}: ${why}`;
  });
}

/**
 * The repository as it is now. Throws a ConfigError where it has no commit, or the commit lacks files that codex needs.
 */
export async function openRepository(root: string, setup: StepEnvironment): Promise<Repository> {
  const opening = Repository.open(root, setup.env);
  const repository = await orIssue(
    opening,
    setup,
    () => `the repository ${root} has no commit yet; make one`,
  );
  if (!setup.allow.dirty) await checkInputs(repository, setup);
  await warnOfFilters(repository, setup);
  return repository;
}

/** Where the workdir lies in the repository. Throws a ConfigError where the commit doesn't have it. */
export async function findPrefix(
  workdir: string,
  repository: Repository,
  setup: StepEnvironment,
): Promise<string> {
  const prefix = relative(repository.root, await realpath(workdir));
  if (await repository.hasFolder(prefix)) return prefix;
  throw issue(setup, `the folder ${workdir} isn't in the commit ${short(repository)}; commit what it holds`);
}

/** Codex sees the committed files, not those in the user's checkout. */
async function checkInputs(repository: Repository, setup: StepEnvironment): Promise<void> {
  const differing = await orIssue(repository.differing(setup.listed()), setup, (why) => why);
  if (differing.length === 0) return;
  const message =
    `codex works on the commit ${short(repository)}, where ${listOf(differing)} ` +
    `${differing.length === 1 ? "isn't as it is" : "aren't as they are"} in ${repository.root} now; ` +
    'commit, or let codex work without the changes with --allow-dirty';
  throw issue(setup, message);
}

/** No program runs that a model may have named. */
async function warnOfFilters({ root, place }: Repository, { notice }: StepEnvironment): Promise<void> {
  const filters = await filtersLeftOut(place);
  if (filters.length === 0) return;
  notice(
    `worktrees are made without the programs that the settings of ${root} itself name (${listOf(filters)}); those that ` +
      'you know belong into your own settings (git config --global)',
  );
}

function listOf(paths: readonly string[]): string {
  const shown = paths.slice(0, SHOWN).join(', ');
  return paths.length > SHOWN ? `${shown} and ${paths.length - SHOWN} more` : shown;
}

function short({ commit }: Repository): string {
  return commit.slice(0, 10);
}

async function orIssue<T>(
  found: Promise<T>,
  setup: StepEnvironment,
  say: (why: string) => string,
): Promise<T> {
  return found.catch((error) => {
    throw issue(setup, say(messageOf(error)));
  });
}

function issue({ where }: StepEnvironment, message: string): ConfigError {
  return new ConfigError([{ where: `${where}.worktree`, message }]);
}
