import { realpath, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { messageOf, StepFailure, WriteFailure } from '../../../errors.js';
import type { StepFacts } from '../../../flow/flow.js';
import type { Repository } from '../../../git/repository.js';
import type { Worktree } from '../../../git/worktree.js';
import { addWorktree, removeWorktree } from '../../../git/worktrees.js';
import type { StepEnvironment } from '../../contract.js';
import type { Files } from '../files.js';
import { claim, disclaim, orphans } from './owner.js';

/** So many ignored files are named in a record, and so many in a notice. */
const MOST_IGNORED = 100;
const SHOWN = 3;

/** The parts of a tree. */
export interface Plan {
  readonly repository: Repository;
  readonly setup: StepEnvironment;
  /** It isn't removed. */
  readonly keep: boolean;
  /** Patches of earlier steps, in their order; paths as records have them. */
  readonly patches: readonly string[];
  readonly signal: AbortSignal;
}

/** The worktree of one branch of a flow, in a private folder of its own. */
export class Tree {
  readonly #plan: Plan;
  readonly #home: ToldHome;
  readonly #worktree: Worktree;
  /** Tree objects: where this step began, and how its last attempt ended. */
  #start: string;
  #end: string;
  /** The same of the files that git ignores. */
  #ignoredAtStart: readonly string[] = [];
  #ignoredAtEnd: readonly string[] = [];
  #kept: boolean;

  private constructor(plan: Plan, home: ToldHome, worktree: Worktree, tree: string) {
    this.#plan = plan;
    this.#home = home;
    this.#worktree = worktree;
    this.#start = tree;
    this.#end = tree;
    this.#kept = plan.keep;
  }

  /** At the repository's commit, with the changes of the earlier steps. */
  static async make(plan: Plan): Promise<Tree> {
    const { repository, setup, keep, patches } = plan;
    const home = await makeHome(setup, keep);
    try {
      const worktree = await add(home, plan);
      for (const patch of patches) await applyTo(worktree, patch);
      const { tree } = await worktree.snapshot();
      return new Tree(plan, home, worktree, tree);
    } catch (error) {
      await removeHome(home, repository);
      throw error;
    }
  }

  /** Absolute. */
  get folder(): string {
    return this.#worktree.folder;
  }

  /** The last attempt was the step's last one: another step goes on from here. */
  advance(): void {
    this.#start = this.#end;
    this.#ignoredAtStart = this.#ignoredAtEnd;
  }

  /** Restores the state at the beginning of this step. */
  async reset(): Promise<void> {
    await this.#worktree.reset(this.#start);
  }

  /** Saves the changes of the attempt as a patch in its folder. Changes that no patch can hold stay where they are. */
  async record({ folder }: Files): Promise<StepFacts> {
    const patch = join(folder, 'changes.patch');
    try {
      const { tree, nested, ignored } = await this.#worktree.snapshot();
      this.#end = tree;
      this.#ignoredAtEnd = ignored;
      if (tree !== this.#start) await this.#worktree.writePatch(this.#start, tree, resolve(patch));
      if (nested.length > 0) await this.#keepNested(nested);
      const made = ignored.filter((path) => !this.#ignoredAtStart.includes(path));
      if (made.length > 0 && !this.#kept) this.#warnOf(made);
      return {
        ...(tree !== this.#start && { patch }),
        changes: await this.#worktree.changes(this.#start, tree),
        ...(made.length > 0 && { ignored: made.slice(0, MOST_IGNORED) }),
        ...(this.#kept && { worktree: this.#home.told }),
      };
    } catch (error) {
      await this.#keep();
      if (error instanceof WriteFailure) throw error;
      const message = `the changes of codex can't be saved as a patch (${messageOf(error)}); see ${this.#home.told}`;
      throw new StepFailure('exit', message, { cause: error });
    }
  }

  /** Unless it is to be kept. */
  async remove(): Promise<void> {
    if (!this.#kept) await removeHome(this.#home, this.#plan.repository);
  }

  async #keepNested([first = '']: readonly string[]): Promise<void> {
    await this.#keep();
    const path = join(this.#home.told, first);
    this.#plan.setup.notice(
      `codex made a repository of its own, which no patch can hold; it is kept: ${path}`,
    );
  }

  #warnOf(ignored: readonly string[]): void {
    const more = ignored.length > SHOWN ? ` and ${ignored.length - SHOWN} more` : '';
    this.#plan.setup.notice(
      `codex made files that git ignores; no patch holds them, and they are removed with the worktree: ` +
        `${ignored.slice(0, SHOWN).join(', ')}${more}; to keep them, use \`worktree: keep\``,
    );
  }

  async #keep(): Promise<void> {
    this.#kept = true;
    await disclaim(this.#home.folder);
  }
}

/** The private folder, and the worktree in it; absolute, without links. */
interface Home {
  readonly folder: string;
  readonly tree: string;
}

interface ToldHome extends Home {
  /** The worktree's path, as in a record. */
  readonly told: string;
}

async function makeHome({ artefacts }: StepEnvironment, keep: boolean): Promise<ToldHome> {
  const told = await artefacts.folder('worktree');
  const home = homeIn(await realpath(told));
  if (!keep) await claim(home.folder);
  return { ...home, told: join(told, basename(home.tree)) };
}

function homeIn(folder: string): Home {
  return { folder, tree: join(folder, 'tree') };
}

async function add({ tree }: Home, { repository, signal }: Plan): Promise<Worktree> {
  return addWorktree(repository, tree, signal).catch((error) => {
    signal.throwIfAborted();
    if (error instanceof WriteFailure) throw error;
    throw new StepFailure('exit', `the flow can't have a worktree: ${messageOf(error)}`, { cause: error });
  });
}

async function removeHome({ folder, tree }: Home, repository: Repository): Promise<void> {
  await removeWorktree(repository, tree);
  await rm(folder, { recursive: true, force: true });
}

/** Removes the worktrees of killed runs; a failure is reported to the user, and fails no run. */
export async function removeOrphans(
  repository: Repository,
  { artefacts, notice }: StepEnvironment,
): Promise<void> {
  try {
    for (const folder of await orphans(artefacts.directory)) await removeHome(homeIn(folder), repository);
  } catch (error) {
    notice(`a worktree that a killed run left can't be removed: ${messageOf(error)}`);
  }
}

async function applyTo(worktree: Worktree, patch: string): Promise<void> {
  await worktree.apply(resolve(patch)).catch((error) => {
    if (error instanceof WriteFailure) throw error;
    const message = `the changes of an earlier step can't be applied (${messageOf(error)}): ${patch}`;
    throw new StepFailure('input', message, { cause: error });
  });
}
