import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from '../helpers/folder.js';
import { llmServer } from '../helpers/llm-server.js';
import { type Ended, recordsIn, runBin } from '../helpers/program.js';

const draft = { type: 'openai', name: 'draft', prompt: 'Review {{{doc}}}', model: 'a' };
const check = { type: 'cmd', name: 'check', cmd: ['sh', 'check.sh', '{{{doc.path}}}'] };
const sum = { type: 'openai', name: 'sum', prompt: 'Sum up', model: 'a' };

const files = {
  'config.json': JSON.stringify([draft, check, sum]),
  'docs.txt': 'a.md\nb.md\nc.md\n',
  'a.md': 'A',
  'b.md': 'B',
  'c.md': 'C',
  'd.md': 'D',
  'check.sh': 'grep -q B "$1" && exit 3; cat\n',
};

const quiet = ['--progress', 'none'];

/** A folder with a run of which a flow has failed. */
async function ran() {
  const cwd = folderWith(files);
  const at = (...args: readonly string[]) => runBin(args, { cwd });
  const first = await at('run', 'config.json', '--key', 'doc:docs.txt', '--simulate', ...quiet);
  const [run = ''] = readdirSync(join(cwd, 'generated')).filter((name) => name.startsWith('run_'));
  return {
    cwd,
    at,
    run: join(cwd, 'generated', run),
    records: recordsIn(first),
    configure: (...steps: readonly object[]) =>
      writeFileSync(join(cwd, 'config.json'), JSON.stringify(steps)),
    write: (name: string, text: string) => writeFileSync(join(cwd, name), text),
  };
}

type Ran = Awaited<ReturnType<typeof ran>>;

/** The lines by step, which come first. */
function totalsIn({ code, stdout }: Ended): string[] {
  assert.equal(code, 0);
  const [totals = ''] = stdout.split('\n\n');
  return totals.trimEnd().split('\n');
}

describe('bin: explain', () => {
  const replayed = 'draft: 3 replayed';
  const failed = 'check: 2 replayed, 1 runs: failed last time (exit)';
  const after = 'sum: 2 replayed, 1 runs: after check';
  const rows: [what: string, edit: (ran: Ran) => void, expected: string[]][] = [
    ['nothing but what failed', () => {}, [replayed, failed, after]],
    [
      'another model',
      ({ configure }) => configure({ ...draft, model: 'b' }, check, sum),
      [
        'draft: 3 run: as its options changed (model "a" -> "b")',
        'check: 3 run: after draft',
        'sum: 3 run: after check',
      ],
    ],
    [
      'another prompt of the last step',
      ({ configure }) => configure(draft, check, { ...sum, prompt: 'Summarise' }),
      [
        replayed,
        failed,
        'sum: 3 run: 2 as its options changed (prompt "Sum up …" -> "Summarise …"), 1 after check',
      ],
    ],
    [
      'another content',
      ({ write }) => write('c.md', 'another'),
      [
        'draft: 2 replayed, 1 runs: with a changed {{{doc}}}',
        'check: 1 replayed, 2 run: 1 failed last time (exit), 1 after draft',
        'sum: 1 replayed, 2 run: after check',
      ],
    ],
    [
      'another file',
      ({ cwd }) => appendFileSync(join(cwd, 'docs.txt'), 'd.md\n'),
      [
        'draft: 3 replayed, 1 runs: new flow',
        'check: 2 replayed, 2 run: 1 failed last time (exit), 1 after draft',
        'sum: 2 replayed, 2 run: after check',
      ],
    ],
    [
      'another script',
      ({ write }) => write('check.sh', 'wc -c\n'),
      [
        replayed,
        'check: 3 run: 2 as a file that it uses changed (check.sh), 1 failed last time (exit)',
        'sum: 3 run: after check',
      ],
    ],
    [
      'another name, and a step that is new',
      ({ configure }) => configure({ ...draft, name: 'first' }, check, sum, { ...sum, name: 'title' }),
      ['first: 3 replayed', failed, after, 'title: 3 run: 2 as the step is new, 1 after sum'],
    ],
  ];
  for (const [what, edit, expected] of rows) {
    it(`predicts a resume after ${what}`, async () => {
      const there = await ran();
      edit(there);
      assert.deepEqual(totalsIn(await there.at('explain', 'last')), expected);
      const { stdout } = await there.at('retry', ...quiet);
      const replays = (step: number) =>
        recordsIn({ stdout }).filter(({ steps }) => steps[step]?.replayed).length;
      const foreseen = expected.map((line) => Number(line.match(/(\d+) replayed/)?.[1] ?? 0));
      assert.deepEqual(
        expected.map((_, step) => replays(step)),
        foreseen,
      );
    });
  }

  it('tells flows step by step, or the one that is asked about', async () => {
    const { at, records } = await ran();
    const id = records.find(({ status }) => status === 'failed')?.flow ?? '';
    const all = await at('explain', 'last');
    const one = await at('explain', 'last', id.slice(0, 8));
    assert.equal(
      one.stdout,
      [
        `flow ${id}, doc b.md`,
        '  draft: replayed',
        '  check: runs, since it failed last time (exit): sh ended with exit code 3',
        '  sum: runs, since it builds on check',
        '',
      ].join('\n'),
    );
    assert.ok(all.stdout.includes(`\n\n${one.stdout}`));
    assert.equal(all.stdout.match(/^flow \w+, doc [ac]\.md: replayed$/gm)?.length, 2);
  });

  it('knows of a run that was interrupted which flows have not begun', async () => {
    const cwd = folderWith(files);
    const at = (...args: readonly string[]) => runBin(args, { cwd });
    const stopped = ['--max-failures', '1', '--parallel', '1'];
    await at('run', 'config.json', '--key', 'doc:docs.txt', '--simulate', ...stopped, ...quiet);
    assert.equal(totalsIn(await at('explain', 'last'))[0], 'draft: 2 replayed, 1 runs: not begun before');
  });

  it('explains a flow by its earlier id, too, with its new one', async () => {
    const { at, cwd, records, write } = await ran();
    const idOf = (index: number) => records.find((record) => record.index === index)?.flow ?? '';
    const untouched = await at('results', 'last');
    assert.deepEqual([untouched.stderr, recordsIn(untouched).length], ['', 3]);
    write('a.md', 'another');
    const changed = await at('explain', 'last', idOf(0));
    assert.equal(changed.code, 0);
    assert.match(
      changed.stdout,
      /^flow \w{16}, doc a\.md: a\.md \(\{\{\{doc\}\}\}\) changed since; it is flow (\w{16}) now\nflow \1, doc a\.md\n {2}draft: runs, since a\.md \(\{\{\{doc\}\}\}\) changed\n/,
    );
    const results = await at('results', 'last');
    assert.equal(recordsIn(results).length, 3);
    assert.equal(
      results.stderr,
      '1 record is of inputs that have changed since, or are gone: a.md; explain says what a resume would run\n',
    );
    writeFileSync(join(cwd, 'docs.txt'), 'b.md\nc.md\n');
    const gone = await at('explain', 'last', idOf(0).slice(0, 10));
    assert.match(
      gone.stdout,
      /^flow \w{16}, doc a\.md: a resume doesn't run it: its inputs are no longer listed\n$/,
    );
  });

  it('finds the flow that is meant by its inputs, too', async () => {
    const cwd = folderWith({
      ...files,
      'docs.txt': 'src/a.md\nlib/a.md\nb.md\n',
      'src/a.md': 'A',
      'lib/a.md': 'A',
      'rules.txt': 'r1\nr2\n',
      r1: '1',
      r2: '2',
      'config.json': JSON.stringify([{ ...draft, prompt: '{{{doc}}} {{{rule}}}' }]),
    });
    const run = [
      'run',
      'config.json',
      '--key',
      'doc:docs.txt',
      '--key',
      'rule:rules.txt',
      '--simulate',
      ...quiet,
    ];
    await runBin(run, { cwd });
    const asked = async (...words: string[]) => runBin(['explain', 'last', ...words], { cwd });
    for (const words of [
      ['doc=src/a.md', 'rule=r2'],
      ['rule=r2', 'doc=./src/a.md'],
      [`doc=${join(cwd, 'src/a.md')}`, 'rule=r2'],
    ])
      assert.match((await asked(...words)).stdout, /^flow \w+, doc src\/a\.md, rule r2: replayed\n$/);
    const several = await asked('doc=a.md', 'rule=r1');
    assert.deepEqual([several.code, several.stdout], [2, '']);
    assert.match(
      several.stderr,
      /^error: several flows match "doc=a\.md rule=r1"; name one .*\nerror: flow \w+, doc src\/a\.md, rule r1\nerror: flow \w+, doc lib\/a\.md, rule r1\n$/m,
    );
    const none = await asked('doc=c.md');
    assert.deepEqual([none.code, none.stdout], [2, '']);
    assert.match(
      none.stderr,
      /^error: no flow matches "doc=c\.md"; the flows are:\n(error: flow \w+, doc .*\n){5}error: …\n$/m,
    );
    const unknown = await asked('dok=c.md');
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /^error: there is no key "dok"; did you mean "doc"\?; keys: doc, rule\n$/m);
    assert.match(
      (await asked('one', 'doc=b.md')).stderr,
      /^error: expected one flow, by its id or by KEY=VALUE pairs/,
    );
  });

  it('is an option of run and retry, too, and takes the others', async () => {
    const { at } = await ran();
    const other = ['--append-filepath', '--explain'];
    const expected = 'draft: 3 run: with another {{{doc}}}';
    for (const command of [
      ['run', '--resume', 'last'],
      ['run', 'config.json', '--resume', 'last'],
      ['retry'],
    ])
      assert.equal(totalsIn(await at(...command, ...other))[0], expected);
  });

  it('starts nothing, sends no request and leaves the run as it is', async () => {
    await using llm = await llmServer();
    llm.reply({ text: 'fine' });
    const cwd = folderWith(files);
    const env = { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: llm.baseUrl };
    await runBin(['run', 'config.json', '--key', 'doc:docs.txt', ...quiet], { cwd, env });
    const asked = llm.requests.length;
    assert.ok(asked >= 3);
    const steps = [
      { ...draft, model: 'b' },
      { ...check, cmd: ['touch', 'started'] },
    ];
    writeFileSync(join(cwd, 'config.json'), JSON.stringify(steps));
    const state = () =>
      readdirSync(cwd, { recursive: true }).map((name) => [name, statSync(join(cwd, String(name))).mtimeMs]);
    const before = state();
    const { code, stdout } = await runBin(['explain', 'last'], { cwd, env });
    assert.equal(code, 0);
    assert.match(stdout, /^draft: 3 run: as its options changed/);
    assert.equal(llm.requests.length, asked);
    assert.deepEqual(state(), before);
  });

  it('keeps no secrets, and says that it can not tell', async () => {
    const { at, configure, run } = await ran();
    const secret = (key: string) => ({ ...draft, request: { headers: { 'x-key': key } } });
    configure(secret('hush-1'), check, sum);
    await at('retry', ...quiet);
    assert.doesNotMatch(readFileSync(join(run, 'run.json'), 'utf8'), /hush/);
    configure(secret('hush-2'), check, sum);
    const { stdout } = await at('explain', 'last');
    assert.match(stdout, /^draft: 3 run: as its options changed, in values that are not kept\n/);
    assert.doesNotMatch(stdout, /hush/);
  });

  it('needs a run, and a config that is right', async () => {
    const { at, configure } = await ran();
    const alone = await at('run', 'config.json', '--explain');
    assert.deepEqual([alone.code, alone.stdout], [2, '']);
    assert.match(
      alone.stderr,
      /--explain: it explains what a resume would do; name the run with --resume\n$/,
    );
    configure({ ...draft, modle: 'a' });
    const wrong = await at('explain', 'last');
    assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
    assert.match(wrong.stderr, /steps\[0\]\.modle: unknown field; did you mean "model"\?/);
  });
});
