import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { type GitPlace, git, gitEnvironment, gitLine } from './git.js';
import { guarded } from './guard.js';

/** A repository with a checkout, at the commit that was checked out when it was opened. */
export class Repository {
  /** The checkout's top folder, absolute and without links. */
  readonly root: string;
  readonly commit: string;
  /** Where git runs for it. */
  readonly place: GitPlace;

  private constructor(root: string, commit: string, place: GitPlace) {
    this.root = root;
    this.commit = commit;
    this.place = place;
  }

  /** The top folder of the checkout that a folder lies in. Rejects with a StepFailure where it lies in none. */
  static async rootOf(folder: string, env: GitPlace['env']): Promise<string> {
    const place = { cwd: folder, env: gitEnvironment(env) };
    return realpath(await gitLine(['rev-parse', '--show-toplevel'], place));
  }

  /** Rejects with a StepFailure where there is no commit. */
  static async open(root: string, env: GitPlace['env']): Promise<Repository> {
    const place = { cwd: root, env: gitEnvironment(env) };
    const commit = await gitLine(['rev-parse', '--verify', 'HEAD^{commit}'], place);
    return new Repository(root, commit, place);
  }

  /** True if the commit has the folder (relative to the root). */
  async hasFolder(folder: string): Promise<boolean> {
    if (folder === '') return true;
    const path = folder.split(sep).join('/');
    const found = await git(['ls-tree', '-z', '-d', this.commit, '--', `:(literal)${path}`], this.place);
    return found.length > 0;
  }

  /** The files (absolute) in the checkout that differ from the commit. */
  async differing(files: readonly string[]): Promise<string[]> {
    const inside = await this.#inside(files);
    if (inside.size === 0) return [];
    const tracked = await this.#paths(['ls-files', '-z', '--cached']);
    const changed = await this.#paths([
      ...['diff', '--name-only', '-z', '--no-ext-diff', '--no-renames', '--ignore-submodules=all'],
      ...[this.commit, '--'],
    ]);
    return [...inside].filter((path) => changed.has(path) || !tracked.has(path));
  }

  /** Paths as git has them: relative to the root, with slashes. */
  async #inside(files: readonly string[]): Promise<Set<string>> {
    const folders = new Map<string, Promise<string>>();
    const inside = new Set<string>();
    for (const file of files) {
      const folder = folders.get(dirname(file)) ?? realpath(dirname(file));
      folders.set(dirname(file), folder);
      const path = relative(this.root, join(await folder, basename(file)));
      if (!isOutside(path)) inside.add(path.split(sep).join('/'));
    }
    return inside;
  }

  async #paths(args: readonly string[]): Promise<Set<string>> {
    const list = await git(args, await guarded(this.place));
    return new Set(list.toString().split('\0'));
  }
}

/** True if a relative path leads out of the folder that it is relative to. */
export function isOutside(path: string): boolean {
  return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
}
