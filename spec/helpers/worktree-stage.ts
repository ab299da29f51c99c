import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Subject } from 'rxjs';
import { StepFailure } from '../../lib/errors.js';
import type { Flow, StepFacts } from '../../lib/flow/flow.js';
import { Artefacts } from '../../lib/steps/artefacts.js';
import type { CodexConfig } from '../../lib/steps/codex/config.js';
import { makeFiles } from '../../lib/steps/codex/files.js';
import type { Workplace } from '../../lib/steps/codex/worktrees/flow-trees.js';
import { workplaceFor } from '../../lib/steps/codex/worktrees/workplace.js';
import type { StepEnvironment } from '../../lib/steps/contract.js';
import { newFlow } from './flows.js';
import { folderWith } from './folder.js';
import { gitIn, repositoryWith } from './repository.js';
import { contextWith, setup } from './setup.js';

/** One run of codex steps that have worktrees; instead of codex, a function works there. */
export class Stage {
  readonly root: string;
  readonly artefacts: Artefacts;
  readonly finished$ = new Subject<string>();
  readonly notices: string[] = [];
  readonly #steps: Workplace[] = [];

  constructor(
    root = repositoryWith({ 'a.txt': 'one\n', 'sub/b.txt': 'b\n', '.gitignore': 'ignored/\n' }),
    generated = folderWith(),
  ) {
    this.root = root;
    this.artefacts = new Artefacts(generated);
  }

  /** Adds a step; its number. */
  async add(
    config: Partial<CodexConfig> = {},
    workdir = this.root,
    overrides: Partial<StepEnvironment> = {},
  ): Promise<number> {
    const { artefacts, finished$, notices } = this;
    const where = `steps[${this.#steps.length}]`;
    const notice = (line: string) => notices.push(line);
    const whole = setup({ where, artefacts, finished$, notice, workdir: this.root, ...overrides });
    return (
      this.#steps.push(await workplaceFor({ type: 'codex', worktree: true, ...config }, workdir, whole)) - 1
    );
  }

  /** Has a step do its work for a flow; the flow as it leaves, as a done step makes it. */
  async visit(step: number, flow: Flow, work: (folder: string) => unknown, attempt = 1): Promise<Flow> {
    const { facts, failure } = await this.attempt(step, flow, work, attempt);
    if (failure) throw failure;
    const record = {
      name: 'codex',
      type: 'codex',
      status: 'done',
      startedAt: '',
      ms: 0,
      attempts: 1,
    } as const;
    return { ...flow, steps: [...flow.steps, { ...record, ...facts }] };
  }

  async attempt(
    step: number,
    flow: Flow,
    work: (folder: string) => unknown,
    attempt = 1,
    signal?: AbortSignal,
  ): Promise<{ facts: StepFacts; failure: unknown }> {
    const context = { ...contextWith(signal), attempt };
    const files = await makeFiles(this.artefacts, 'prompt', undefined);
    const place = this.#steps[step] ?? assert.fail('no such step');
    const failure = await place
      .within({ flow, context, files }, async (folder) => work(folder))
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    return { facts: context.facts, failure };
  }

  async close(): Promise<void> {
    await Promise.all(this.#steps.map((step) => step.close()));
  }

  /** Folders of worktrees. */
  get left(): string[] {
    return readdirSync(this.artefacts.directory).filter((name) => name.startsWith('worktree_'));
  }

  /** How many worktrees git knows, the user's included. */
  get known(): number {
    return gitIn(this.root, 'worktree', 'list').trimEnd().split('\n').length;
  }

  assertClean(): void {
    assert.deepEqual(this.left, []);
    assert.equal(this.known, 1);
    assert.equal(gitIn(this.root, 'status', '--porcelain'), '');
  }
}

/** Work that adds lines to a file of the repository. */
export const append = (text: string) => (folder: string) =>
  writeFileSync(join(folder, 'a.txt'), text, { flag: 'a' });

/** The flow of that number. */
export const flowOf = (index: number) => newFlow({ id: `flow${index}`, index });

/** What stands in a patch. */
export const textOf = (patch: string | undefined) => readFileSync(patch ?? assert.fail('no patch'), 'utf8');

/** Work that fails. */
export const fail = () => {
  throw new StepFailure('exit', 'it failed');
};
