import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { folderWith } from './folder.js';

/** Runs git there, as a user does; its stdout. */
export function gitIn(folder: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A repository with these files in its one commit. */
export function repositoryWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = folderWith(files);
  gitIn(folder, 'init', '--quiet');
  commitAll(folder);
  return folder;
}

/** The environment of a user with these settings of git, in its syntax. */
export function userWith(settings: string): Readonly<Record<string, string | undefined>> {
  return { PATH, GIT_CONFIG_GLOBAL: join(folderWith({ settings }), 'settings'), GIT_CONFIG_NOSYSTEM: '1' };
}

/** Makes all that lies there a commit. */
export function commitAll(folder: string): void {
  gitIn(folder, 'add', '--all');
  gitIn(folder, 'commit', '--quiet', '--allow-empty', '--message', 'as it is');
}

const { PATH } = process.env;

/** No settings of whoever runs the specs. */
const env = {
  PATH,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Spec',
  GIT_AUTHOR_EMAIL: 'spec@localhost',
  GIT_COMMITTER_NAME: 'Spec',
  GIT_COMMITTER_EMAIL: 'spec@localhost',
};
