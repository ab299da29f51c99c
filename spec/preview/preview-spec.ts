import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, map, NEVER, toArray } from 'rxjs';
import { type Definitions, definitionsOf } from '../../lib/cache/cache-keys.js';
import type { ResultRecord } from '../../lib/flow/record.js';
import { prepare } from '../../lib/prepare/prepare.js';
import { readOnlyStore } from '../../lib/preview/history.js';
import type { Reason } from '../../lib/preview/miss-reasons.js';
import { ResumePreview, type StepPreview } from '../../lib/preview/preview.js';
import { run } from '../../lib/run.js';
import type { RunOptions, StepConfig } from '../../lib/run-options.js';
import { operator, step } from '../../lib/step/step.js';
import { viewJournal } from '../../lib/store/journal-view.js';
import { createRun, openRun } from '../../lib/store/run-store.js';
import { folderWith } from '../helpers/folder.js';
import { until } from '../helpers/program.js';

/** A run with its sessions, which knows what its steps were made of. */
class Sessions {
  readonly folder: string;
  #run: string | undefined;
  #was: Definitions = {};

  constructor(files: Readonly<Record<string, string>>) {
    this.folder = folderWith({ 'a.md': 'A', 'b.md': 'B', ...files });
  }

  #options(options: RunOptions): RunOptions {
    const paths = ['a.md', 'b.md'].map((name) => join(this.folder, name));
    const generated = join(this.folder, 'generated');
    const { folder } = this;
    return { keys: { doc: paths }, allowUnusedKey: true, workdir: folder, folder, generated, ...options };
  }

  async sit(options: RunOptions): Promise<ResultRecord[]> {
    const store = async (_: unknown, definitions: Definitions) => {
      const store = this.#run ? await openRun(this.#run, {}) : await createRun(this.folder, {});
      this.#run = store.folder;
      this.#was = { ...this.#was, ...definitions };
      return store;
    };
    return lastValueFrom(run({ ...this.#options(options), store }).results$.pipe(toArray()));
  }

  async foresee(options: RunOptions, meanwhile = () => {}): Promise<(readonly StepPreview[])[]> {
    const view = await viewJournal(this.#run ?? '');
    const prepared = await prepare({ ...this.#options(options), store: readOnlyStore(view) }, NEVER);
    meanwhile();
    const { steps, kept } = prepared;
    const now = definitionsOf(steps);
    const preview = new ResumePreview({ steps, kept, view, now, was: this.#was, complete: true });
    const foreseen: (readonly StepPreview[])[] = [];
    for (const combination of prepared.combinations)
      foreseen.push(preview.of(await prepared.identify(combination, 0)));
    await prepared.close();
    await view.close();
    return foreseen;
  }

  get run(): string {
    return this.#run ?? '';
  }
}

/** As if the process had been killed earlier, or somebody had deleted it. */
function deleteLines({ run }: Sessions, isDeleted: (line: string) => boolean): void {
  const file = join(run, 'journal.ndjson');
  const lines = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, lines.filter((line) => !isDeleted(line)).join('\n'));
}

/** `replayed`, `runs: failed`, `open: earlier step`. */
function told({ verdict, reason }: StepPreview): string {
  return reason ? `${verdict}: ${reason.because}` : verdict;
}

const sh = (name: string, line: string, ...args: string[]): StepConfig & { readonly name: string } => ({
  type: 'cmd',
  name,
  cmd: ['sh', '-c', line, 'sh', ...args],
});
const draft = sh('draft', 'cat "$1"', '{{{doc.path}}}');
const sum = sh('sum', 'cat; echo sum');
const last = sh('last', 'cat; echo last');
const list = { ...sh('list', 'echo "[1, 2]"'), array: true };

interface Edit {
  /** The steps of the first session, and what else is meant. */
  readonly first: RunOptions;
  /** What is changed on the disk. */
  readonly change?: (sessions: Sessions) => unknown;
  readonly second?: Partial<RunOptions>;
  /** Flow by flow, step by step (and branch by branch). */
  readonly expected: readonly (readonly string[])[];
  readonly reason?: Reason;
  readonly files?: Readonly<Record<string, string>>;
}

const replayed = ['replayed', 'replayed'];

const edits: Readonly<Record<string, Edit>> = {
  'replays all where nothing is different': {
    first: { steps: [draft, sum] },
    expected: [replayed, replayed],
  },
  'replays all under other names': {
    first: { steps: [draft, sum] },
    second: {
      steps: [
        { ...draft, name: 'a' },
        { ...sum, name: 'b' },
      ],
    },
    expected: [replayed, replayed],
  },
  'runs a changed step, and what builds on it': {
    first: { steps: [draft, sum, last] },
    second: { steps: [draft, { ...sum, cmd: ['wc', '-c'] }, last] },
    expected: Array(2).fill(['replayed', 'runs: changed definition', 'runs: earlier step']),
  },
  'tells what has changed': {
    first: { steps: [{ ...draft, array: false }] },
    second: { steps: [{ ...draft, cmd: ['cat', '{{{doc.path}}}'] }] },
    expected: Array(2).fill(['runs: changed definition']),
    reason: {
      because: 'changed definition',
      differences: [
        {
          name: 'words',
          before: [['sh'], ['-c'], ['cat "$1"'], ['sh'], [null]],
          after: [['cat'], [null]],
        },
      ],
    },
  },
  'tells what has changed of a step that had failed and was done before a crash': {
    first: { steps: [sh('late', 'test -e ok && echo x')], keys: {} },
    change: async (sessions) => {
      writeFileSync(join(sessions.folder, 'ok'), '');
      await sessions.sit({ steps: [sh('late', 'test -e ok && echo x')], keys: {} });
      deleteLines(sessions, (line) => line.includes('"status":"done","mark"'));
    },
    second: { steps: [sh('late', 'test -e ok && echo y')] },
    expected: [['runs: changed definition']],
  },
  'tells a file that a step uses': {
    files: { 'score.sh': 'cat\n' },
    first: { steps: [{ type: 'cmd', cmd: ['sh', 'score.sh'] }] },
    change: ({ folder }) => writeFileSync(join(folder, 'score.sh'), 'wc -c\n'),
    expected: Array(2).fill(['runs: changed definition']),
  },
  'runs the flow whose file has changed': {
    first: { steps: [draft, sum] },
    change: ({ folder }) => appendFileSync(join(folder, 'b.md'), '!'),
    expected: [replayed, ['runs: changed inputs', 'runs: earlier step']],
  },
  'runs what is new': {
    first: { steps: [sh('draft', 'echo "$1"', '{{{doc}}}'), sum], keys: { doc: { values: ['x'] } } },
    second: { keys: { doc: { values: ['x', 'y'] } } },
    expected: [replayed, ['runs: new flow', 'runs: earlier step']],
  },
  'tries a failed step again': {
    first: { steps: [draft, sh('bad', 'test "$1" = A', '{{{doc}}}'), sum] },
    expected: [
      ['replayed', 'replayed', 'replayed'],
      ['replayed', 'runs: failed', 'runs: earlier step'],
    ],
    reason: { because: 'failed', kind: 'exit', message: 'sh ended with exit code 1' },
  },
  'runs a step that is new': {
    first: { steps: [draft] },
    second: { steps: [draft, sum] },
    expected: Array(2).fill(['replayed', 'runs: new step']),
  },
  'tells an output that is another one': {
    first: { steps: [draft, sum] },
    change: (sessions) => sessions.sit({ steps: [sh('other', 'echo other')] }),
    second: { steps: [sh('other', 'echo other'), sum] },
    expected: Array(2).fill(['replayed', 'runs: changed inserts']),
    reason: { because: 'changed inserts', names: ['{{{previous}}}'] },
  },
  'tells a content that is put in otherwise': {
    first: { steps: [sh('draft', 'echo "$1"', '{{{doc}}}')] },
    second: { appendFilepath: true },
    expected: Array(2).fill(['runs: changed inserts']),
    reason: { because: 'changed inserts', names: ['{{{doc}}}'] },
  },
  'knows a step by the name that it was replayed under': {
    first: { steps: [sh('draft', 'echo "$1"', '{{{doc}}}')] },
    change: (sessions) => sessions.sit({ steps: [sh('renamed', 'echo "$1"', '{{{doc}}}')] }),
    second: { steps: [sh('renamed', 'echo "$1"', '{{{doc}}}')], appendFilepath: true },
    expected: Array(2).fill(['runs: changed inserts']),
  },
  'runs what a flow did not come to before a crash': {
    first: { steps: [draft, sum] },
    change: (sessions) =>
      deleteLines(sessions, (line) => !line.includes('"draft"') && line.includes('"flow"')),
    expected: Array(2).fill(['replayed', 'runs: not reached']),
  },
  'replays a step that builds on nothing that runs': {
    first: { steps: [draft, { ...sum, previous: false }, last] },
    second: { steps: [{ ...draft, cmd: ['echo', 'x'] }, { ...sum, previous: false }, last] },
    expected: Array(2).fill(['runs: changed definition', 'replayed', 'replayed']),
  },
  'leaves open what builds on an operator': {
    first: {
      steps: [
        draft,
        operator(
          'calm',
          map((flow) => flow),
        ),
        sum,
      ],
    },
    expected: Array(2).fill(['replayed', 'runs: unrecognisable', 'open: earlier step']),
  },
  'goes on in each branch': {
    first: { steps: [list, sh('bad', 'test "$(cat)" = 1'), sum], keys: {} },
    expected: [['replayed', 'replayed', 'replayed', 'runs: failed', 'runs: earlier step']],
  },
  'knows no number of elements beforehand': {
    first: { steps: [list, sum, last], keys: {} },
    second: { steps: [{ ...list, cmd: ['echo', '[1]'] }, sum, last] },
    expected: [['runs: changed definition', 'runs: elements', 'runs: elements']],
  },
  'shares what is shared': {
    first: { steps: [sh('one', 'echo'), sum], share: true },
    second: { steps: [sh('one', 'echo again'), sum] },
    expected: [
      ['runs: changed definition', 'runs: earlier step'],
      ['shared', 'runs: earlier step'],
    ],
  },
  'never replays a function that hides what it does': {
    first: { steps: [step('bound', (async () => '').bind(null)), sum] },
    expected: Array(2).fill(['runs: unrecognisable', 'open: earlier step']),
  },
  'misses what was deleted': {
    first: { steps: [sh('big', 'head -c 100000 /dev/zero | tr "\\0" x')], keys: {} },
    change: ({ run }) => {
      const outputs = join(run, 'outputs');
      for (const name of readdirSync(outputs)) rmSync(join(outputs, name));
    },
    expected: [['runs: result gone']],
  },
};

describe('ResumePreview', () => {
  for (const [title, { first, change, second, expected, reason, files = {} }] of Object.entries(edits)) {
    it(title, async () => {
      const sessions = new Sessions(files);
      await sessions.sit(first);
      await change?.(sessions);
      const foreseen = await sessions.foresee({ ...first, ...second });
      assert.deepEqual(
        foreseen.map((flow) => flow.map(told)),
        expected,
      );
      if (reason) assert.deepEqual(foreseen.flat().find((each) => each.reason)?.reason, reason);
      assertForeseen(foreseen, await sessions.sit({ ...first, ...second }));
    });
  }

  it('knows steps of the same name apart', async () => {
    const sessions = new Sessions({});
    const one = { type: 'cmd', cmd: ['cat', '{{{doc.path}}}'] };
    const two = { type: 'cmd', cmd: ['wc', '-c'] };
    await sessions.sit({ steps: [one, two] });
    const changed = [
      { ...one, cmd: ['head', '{{{doc.path}}}'] },
      { ...two, cmd: ['wc', '-l'] },
    ];
    const [flow] = await sessions.foresee({ steps: changed });
    const reason = flow?.[0]?.reason;
    assert.ok(reason?.because === 'changed definition');
    assert.deepEqual(
      reason.differences.map(({ before, after }) => [before, after]),
      [
        [
          [['cat'], [null]],
          [['head'], [null]],
        ],
      ],
    );
  });

  it('runs what was cancelled', async () => {
    const sessions = new Sessions({});
    const steps = [draft, sh('slow', 'touch "up $1"; sleep 60', '{{{doc.file}}}')];
    const controller = new AbortController();
    const session = sessions.sit({ steps, signal: controller.signal });
    const isUp = (name: string) => existsSync(join(sessions.folder, `up ${name}`));
    await until('both are up', () => isUp('a.md') && isUp('b.md'));
    controller.abort();
    await session;
    const foreseen = await sessions.foresee({ steps });
    assert.deepEqual(
      foreseen.map((flow) => flow.map(told)),
      Array(2).fill(['replayed', 'runs: cancelled']),
    );
  });

  it('says that a flow fails whose file can not be read any more', async () => {
    const sessions = new Sessions({});
    await sessions.sit({ steps: [draft] });
    const [flow] = await sessions.foresee({ steps: [draft] }, () => rmSync(join(sessions.folder, 'a.md')));
    assert.deepEqual(flow?.map(told), ['fails: unreadable input']);
  });
});

/** What builds on something that runs may be replayed after all. */
const MAYBE: readonly (string | undefined)[] = ['earlier step', 'elements'];

/** What is foreseen takes place. */
function assertForeseen(
  foreseen: readonly (readonly StepPreview[])[],
  records: readonly ResultRecord[],
): void {
  // Which of the flows makes a call that is shared depends on which comes first.
  const shared = { foreseen: 0, seen: 0 };
  for (const { index, branch = [], steps } of records) {
    for (const each of foreseen[index] ?? []) {
      const { place, verdict, reason } = each;
      const isAbove = each.branch.every((nth, depth) => branch[depth] === nth);
      if (!isAbove || MAYBE.includes(reason?.because)) continue;
      assert.equal(
        steps[place]?.replayed ?? false,
        verdict === 'replayed',
        `${index} ${place} ${told(each)}`,
      );
      if (verdict === 'shared') shared.foreseen++;
      if (steps[place]?.shared) shared.seen++;
    }
  }
  assert.equal(shared.seen, shared.foreseen);
}
