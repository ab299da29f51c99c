import { copyFile, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { readPrivate, streamPrivate, withRoom, writePrivate } from '../files/private-files.js';
import type { Changes } from '../flow/flow.js';
import { type GitPlace, git, gitInto, gitLine } from './git.js';
import { guarded } from './guard.js';

/** All that a worktree holds at one moment. */
export interface Snapshot {
  /** Id of the tree object. */
  readonly tree: string;
  /** Folders with a repository of their own; their content isn't in the tree. */
  readonly nested: readonly string[];
  /** Files that git ignores, and folders in which it ignores several (`dist/`); they aren't in the tree, either. */
  readonly ignored: readonly string[];
}

const IGNORED = ['--others', '--ignored', '--exclude-standard', '--directory', '--no-empty-directory'];

/**
 * A checkout beside the repository's own, in which a model may have done anything: to the index, to HEAD, to the file
 * `.git` itself. So git is told where its folder is, and has a private index here.
 */
export class Worktree {
  /** Absolute. */
  readonly folder: string;
  /** The content of its file `.git`. */
  readonly #link: string;
  readonly #place: GitPlace;

  private constructor(folder: string, link: string, place: GitPlace) {
    this.folder = folder;
    this.#link = link;
    this.#place = place;
  }

  /** A worktree that was just added. */
  static async open(folder: string, env: GitPlace['env']): Promise<Worktree> {
    const gitFolder = await gitLine(['rev-parse', '--absolute-git-dir'], { cwd: folder, env });
    const index = join(gitFolder, 'index.of-snapshots');
    // With git's index of the files, so that they needn't all be read again.
    await copyFile(join(gitFolder, 'index'), index);
    const link = await readLink(folder);
    const where = { GIT_DIR: gitFolder, GIT_WORK_TREE: folder, GIT_INDEX_FILE: index };
    return new Worktree(folder, link, { cwd: folder, env: { ...env, ...where } });
  }

  /** Not by `git add`: it fails on an empty repository within, and runs git, with the settings there, in submodules. */
  snapshot(): Promise<Snapshot> {
    return this.#inTree((place) => this.#snapshot(place));
  }

  async #snapshot(place: GitPlace): Promise<Snapshot> {
    await this.#mendLink();
    await update(await list(place, '--modified', '--deleted'), place);
    const others = await list(place, '--others', '--exclude-standard');
    await update(
      others.filter((path) => !path.endsWith('/')),
      place,
    );
    const tree = await gitLine(['write-tree'], place);
    const ignored = await list(place, ...IGNORED);
    return {
      tree,
      nested: others.filter((path) => path.endsWith('/')).map(readable),
      ignored: await Promise.all(ignored.map((path) => this.#onlyIn(readable(path)))),
    };
  }

  /** Restores a snapshot; ignored files stay. */
  async reset(tree: string): Promise<void> {
    await this.#inTree(async (place) => {
      await git(['read-tree', '--reset', '-u', tree], place);
      await git(['clean', '-ffdq'], place);
    });
  }

  /** Rejects with a StepFailure, and may leave the worktree half-changed, where the patch doesn't fit. */
  async apply(patch: string): Promise<void> {
    const apply = ['apply', '--3way', '--binary', '--whitespace=nowarn', patch];
    await this.#inTree((place) => git(apply, place));
  }

  /** Writes the way from one tree to another as a patch, to a file that only its owner reads. */
  async writePatch(from: string, to: string, file: string): Promise<void> {
    const options = ['-p', '--binary', '--full-index', '--no-renames', '--no-ext-diff', '--no-textconv'];
    const write = (patch: Readable) => streamPrivate(patch, file, dirname(dirname(file)));
    await gitInto(write, ['diff-tree', ...options, from, to], this.#place);
  }

  /** The difference between two trees. */
  async changes(from: string, to: string): Promise<Changes> {
    const list = await git(['diff-tree', '-r', '-z', '--numstat', '--no-renames', from, to], this.#place);
    const counts = namesIn(list).map((entry) => entry.split('\t').map(Number));
    const sum = (column: 0 | 1) => counts.reduce((total, count) => total + (count[column] || 0), 0);
    return { files: counts.length, insertions: sum(0), deletions: sum(1) };
  }

  /** Runs git on the files there. */
  async #inTree<T>(work: (place: GitPlace) => Promise<T>): Promise<T> {
    const place = await guarded(this.#place);
    return withRoom(dirname(this.folder), generatedOf(this.folder), () => work(place));
  }

  /** A folder with one file is named by that. */
  async #onlyIn(path: string): Promise<string> {
    if (!path.endsWith('/')) return path;
    const entries = await readdir(join(this.folder, path), { withFileTypes: true }).catch(() => []);
    const [first, ...others] = entries;
    if (!first || others.length > 0) return path;
    return first.isDirectory() ? this.#onlyIn(`${path}${first.name}/`) : `${path}${first.name}`;
  }

  /** For the user, whose git reads it, and for the next step. */
  async #mendLink(): Promise<void> {
    const file = join(this.folder, '.git');
    if ((await readLink(this.folder).catch(() => '')) === this.#link) return;
    await rm(file, { recursive: true, force: true });
    await writePrivate(file, generatedOf(this.folder), this.#link);
  }
}

/** The content of the file `.git` of a worktree. */
async function readLink(folder: string): Promise<string> {
  return (await readPrivate(join(folder, '.git'), generatedOf(folder))).toString();
}

/** A worktree stands in a folder of its own there. */
function generatedOf(folder: string): string {
  return dirname(dirname(folder));
}

/** Names of files are bytes: latin1 keeps them, whatever they mean. */
function namesIn(list: Buffer): string[] {
  return list.toString('latin1').split('\0').slice(0, -1);
}

/** The name as a person reads it. */
function readable(name: string): string {
  return Buffer.from(name, 'latin1').toString();
}

async function list(place: GitPlace, ...kinds: string[]): Promise<string[]> {
  return [...new Set(namesIn(await git(['ls-files', '-z', ...kinds], place)))];
}

async function update(paths: readonly string[], place: GitPlace): Promise<void> {
  if (paths.length === 0) return;
  const names = Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1');
  await git(['update-index', '-z', '--add', '--remove', '--stdin'], place, names);
}
