import type { Subscription } from 'rxjs';
import { messageOf, WriteFailure } from '../../../errors.js';
import { branchKey } from '../../../flow/branches.js';
import type { Flow } from '../../../flow/flow.js';
import type { Repository } from '../../../git/repository.js';
import type { StepContext } from '../../../step/step.js';
import type { StepEnvironment } from '../../contract.js';
import type { Files } from '../files.js';
import { removeOrphans, Tree } from './tree.js';

/** One attempt at work for a flow. */
export interface Stay {
  readonly flow: Flow;
  readonly context: StepContext;
  readonly files: Files;
}

/** Where codex works. */
export interface Workplace {
  /** Does the work in the flow's folder (absolute). Reports its changes, whether it succeeds or not. */
  within<T>(stay: Stay, work: (folder: string) => Promise<T>): Promise<T>;
  /** The commit that every flow begins with; null where it is the workdir as it is. */
  readonly commit: string | null;
  /** Removes trees that aren't to be kept, when their work has ended. */
  close(): Promise<void>;
}

/** A step that works in the trees. */
export interface User {
  readonly name: string;
  /** The trees stay. */
  readonly keep: boolean;
}

/** The worktrees that one run has of one repository: one for each flow, and for each branch of a flow. */
export class FlowTrees {
  readonly repository: Repository;
  readonly #setup: StepEnvironment;
  readonly #users: User[] = [];
  /** By the flow's id, then by its branch. */
  readonly #trees = new Map<string, Map<string, Tree>>();
  readonly #working = new Set<Promise<unknown>>();
  readonly #removing = new Set<Promise<void>>();
  readonly #finishes: Subscription;
  #tidied: Promise<void> | undefined;

  constructor(repository: Repository, setup: StepEnvironment) {
    this.repository = repository;
    this.#setup = setup;
    this.#finishes = setup.finished$.subscribe((id) => this.#giveUp(id));
  }

  /** Before anything is started. */
  join(user: User): User {
    this.#users.push(user);
    return user;
  }

  has(name: string): boolean {
    return this.#users.some((user) => user.name === name);
  }

  /** Does a step's work in the tree of a flow's branch; reports its changes, and saves them as a patch. */
  async within<T>(user: User, stay: Stay, work: (folder: string) => Promise<T>): Promise<T> {
    const working = this.#within(stay, work);
    this.#working.add(working);
    try {
      const result = await working;
      if (user === this.#users.at(-1)) this.#giveUp(stay.flow.id, branchKey(stay.flow.branch));
      return result;
    } finally {
      this.#working.delete(working);
    }
  }

  /** At the run's end, once or more. */
  async close(): Promise<void> {
    this.#finishes.unsubscribe();
    await Promise.allSettled(this.#working);
    for (const id of this.#trees.keys()) this.#giveUp(id);
    await Promise.allSettled(this.#removing);
  }

  async #within<T>(stay: Stay, work: (folder: string) => Promise<T>): Promise<T> {
    const { context, files } = stay;
    const tree = await context.wait(this.#enter(stay));
    context.signal.throwIfAborted();
    const record = async () => context.tell(await context.wait(tree.record(files)));
    const result = await work(tree.folder).catch(async (error) => {
      await record().catch((failure) => {
        if (failure instanceof WriteFailure) throw failure;
        this.#setup.notice(messageOf(failure));
      });
      throw error;
    });
    await record();
    return result;
  }

  /** A further attempt starts where the one before did, a further step where the one before ended. */
  async #enter({ flow, context }: Stay): Promise<Tree> {
    const tree = this.#trees.get(flow.id)?.get(branchKey(flow.branch));
    if (!tree) return this.#make(flow, context.signal);
    if (context.attempt > 1) await tree.reset();
    else tree.advance();
    return tree;
  }

  async #make(flow: Flow, signal: AbortSignal): Promise<Tree> {
    const keep = this.#users.some((user) => user.keep);
    const patches = flow.steps.flatMap(({ name, status, patch }) =>
      patch !== undefined && status === 'done' && this.has(name) ? [patch] : [],
    );
    this.#tidied ??= removeOrphans(this.repository, this.#setup);
    await this.#tidied;
    const tree = await Tree.make({ repository: this.repository, setup: this.#setup, keep, patches, signal });
    const branches = this.#trees.get(flow.id) ?? new Map<string, Tree>();
    this.#trees.set(flow.id, branches.set(branchKey(flow.branch), tree));
    return tree;
  }

  /** Removes trees that no step will use again: of a whole flow, or of one branch. */
  #giveUp(id: string, branch?: string): void {
    const trees = this.#trees.get(id);
    for (const [key, tree] of trees ?? []) {
      if (branch !== undefined && branch !== key) continue;
      trees?.delete(key);
      this.#remove(tree);
    }
    if (trees?.size === 0) this.#trees.delete(id);
  }

  #remove(tree: Tree): void {
    const removing = tree.remove().catch((error) => {
      this.#setup.notice(`a worktree can't be removed: ${messageOf(error)}`);
    });
    this.#removing.add(removing);
    void removing.then(() => this.#removing.delete(removing));
  }
}
