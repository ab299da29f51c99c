import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from '../helpers/folder.js';
import { type Ended, recordsIn, runBin, runLine, start, until } from '../helpers/program.js';

const files = {
  'config.json': JSON.stringify([
    { type: 'openai', name: 'draft', prompt: 'Review {{{doc}}}' },
    { type: 'cmd', name: 'check', cmd: ['sh', 'check.sh', '{{{doc.path}}}'] },
  ]),
  'docs.txt': 'a.md\nb.md\nc.md\n',
  'a.md': 'A',
  'b.md': 'B',
  'c.md': 'C',
  'check.sh': 'grep -q B "$1" && exit 3; wc -c\n',
};

const command = ['run', 'config.json', '--key', 'doc:docs.txt', '--progress', 'none'];

/** All flows but the first wait until `go` is there. */
const HELD = 'test "$1" = a.md || until test -e go; do sleep 0.05; done; wc -c\n';

/** A folder in which the program is run. */
function place(more: Readonly<Record<string, string>> = {}) {
  const cwd = folderWith({ ...files, ...more });
  const at = (...args: readonly string[]) => runBin(args, { cwd });
  const folder = () => {
    const [name = ''] = readdirSync(join(cwd, 'generated')).filter((name) => name.startsWith('run_'));
    return join(cwd, 'generated', name);
  };
  return { cwd, at, run: (...more: readonly string[]) => at(...command, '--simulate', ...more), folder };
}

/** The last columns of the only run: done, failed, total, how it ended. */
async function listed({ at }: ReturnType<typeof place>): Promise<string[]> {
  const { stdout } = await at('runs');
  const [, row = ''] = stdout.split('\n');
  return row.split(/ {2,}/).slice(3, -2);
}

/** In flow order, without what a replay changes. */
function timeless(ended: Ended): unknown[] {
  return recordsIn(ended)
    .map(({ steps, ms: _, ...record }) => ({
      ...record,
      steps: steps.map(({ replayed: _, ...step }) => step),
    }))
    .sort((a, b) => a.index - b.index);
}

describe('bin: a run of real answers', () => {
  it('is not resumed with --simulate', async () => {
    const config = ['run', 'real.json', '--progress', 'none'];
    const cwd = folderWith({ 'real.json': '[{"type":"cmd","cmd":["echo","x"]}]' });
    assert.equal((await runBin(config, { cwd })).code, 0);
    for (const again of [['retry'], [...config, '--resume', 'last']]) {
      const { code, stdout, stderr } = await runBin([...again, '--simulate'], { cwd });
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /^error: --simulate: generated\/run_\S+ isn't simulated: simulated results/);
    }
  });
});

describe('bin: a run whose run.json is missing', () => {
  it('is resumed by its journal, once its config is named', async () => {
    const { run, at, folder } = place();
    const first = await run();
    rmSync(join(folder(), 'run.json'));
    const alone = await at('retry');
    assert.deepEqual([alone.code, alone.stdout], [2, '']);
    assert.match(alone.stderr, /run\.json is missing or unreadable; pass the config as well/);
    const again = await run('--resume', 'last');
    assert.equal(recordsIn(again).length, recordsIn(first).length);
    const drafts = recordsIn(again).map(({ steps }) => steps[0]?.replayed);
    assert.deepEqual(drafts, [true, true, true]);
  });
});

describe('bin: runs beside one that cannot be read', () => {
  it('are listed all the same, and it is named', async () => {
    const { run, at, folder } = place();
    await run();
    const other = `${folder()}-other`;
    mkdirSync(join(other, 'journal.ndjson'), { recursive: true });
    const { code, stdout, stderr } = await at('runs');
    assert.equal(code, 0);
    assert.equal(stdout.split('\n').length, 4);
    assert.match(stderr, /^warning: generated\/run_\S+-other\/journal\.ndjson isn't a plain file/);
  });
});

describe('bin: the command that resumes a run', () => {
  it('can be typed as it stands, whatever the folder of the runs is called', async () => {
    const { cwd, run } = place();
    const { stderr } = await run('--generated', "Ann's $HOME");
    const [, command = ''] = stderr.match(/^resume with: orchestrator (.*)$/m) ?? [];
    assert.match(command, / --generated 'Ann'\\''s \$HOME'$/);
    const again = await runLine(`$orchestrator ${command}`, { cwd });
    assert.deepEqual([again.code, recordsIn(again).length], [1, 3]);
  });
});

describe('bin: a resume', () => {
  /** Five flows of which three are done, and two wait for a file `go` from now on. */
  async function partlyDone(): Promise<string> {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const line =
      'case "$1" in [de]) test -e second || exit 1; until test -e go; do sleep 0.05; done;; esac; echo "$1"';
    const cwd = folderWith({
      'config.json': JSON.stringify([
        { type: 'cmd', name: 'first', cmd: 'echo x' },
        { type: 'cmd', name: 'second', cmd: ['sh', '-c', line, 'sh', '{{{n}}}'], previous: false },
      ]),
      'list.txt': names.join('\n'),
      ...Object.fromEntries(names.map((name) => [name, name])),
    });
    const first = await runBin(['run', 'config.json', '--key', 'n:list.txt', '--progress', 'none'], { cwd });
    assert.equal(first.code, 1);
    writeFileSync(join(cwd, 'second'), '');
    return cwd;
  }

  it('starts its counts at the kept flows, and does not show them as work', async () => {
    const cwd = await partlyDone();
    writeFileSync(join(cwd, 'go'), '');
    const { code, stdout, stderr } = await runBin(['retry', '-p', '1'], { cwd });
    assert.deepEqual([code, recordsIn({ stdout }).length], [0, 5]);
    const states = stderr.split('\n').filter((line) => line.startsWith('first: '));
    for (const state of states) assert.match(state, /\| [345]\/5 \(3 kept\)/);
    assert.match(states[0] ?? '', /^first: 0 -> second: [01] \| 3\/5/);
    assert.match(states.at(-1) ?? '', /^first: 0 -> second: 0 \| 5\/5/);
  });

  it('keeps nothing of steps that are others by now', async () => {
    const cwd = await partlyDone();
    writeFileSync(join(cwd, 'go'), '');
    writeFileSync(join(cwd, 'config.json'), JSON.stringify([{ type: 'cmd', name: 'first', cmd: 'echo y' }]));
    const { stderr } = await runBin(['retry', '--progress', 'lines'], { cwd });
    assert.doesNotMatch(stderr, /kept/);
  });

  it('prefers its own options to those of its run', async () => {
    const cwd = folderWith(files);
    const quiet = ['--progress', 'none'];
    const paths = async (args: readonly string[], stdin?: string) =>
      recordsIn(await runBin([...args, ...quiet], { cwd, ...(stdin !== undefined && { stdin }) })).map(
        ({ inputs }) => inputs.doc?.path,
      );
    const run = ['run', 'config.json', '--key', 'doc:-', '--simulate', '--lane', 'openai:concurrency=2'];
    assert.deepEqual(await paths(run, 'a.md\n'), ['a.md']);
    assert.deepEqual(await paths(['retry', '--key', 'doc:-', '--lane', 'cmd:concurrency=1'], 'c.md\n'), [
      'c.md',
    ]);
    assert.deepEqual(await paths(['retry']), ['c.md']);
    const [folder = ''] = readdirSync(join(cwd, 'generated')).filter((name) => name.startsWith('run_'));
    const { settings } = JSON.parse(readFileSync(join(cwd, 'generated', folder, 'run.json'), 'utf8'));
    assert.deepEqual(settings.lanes, { openai: { concurrency: 2 }, cmd: { concurrency: 1 } });
  });

  it('refuses options that it cannot have', async () => {
    const { run, at } = place();
    await run();
    const { code, stdout, stderr } = await at('retry', '--no-journal');
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^error: --no-journal: a resume adds its results to those of the run; leave it out/);
  });

  it('that is interrupted says last where all records are', async () => {
    const cwd = await partlyDone();
    const program = start(['retry', '-p', '1', '--progress', 'lines'], { cwd });
    await until('a flow works', () => program.told.stderr.includes('second: 1'));
    program.kill('SIGINT');
    await until('it is heard', () => program.told.stderr.includes('interrupted'));
    writeFileSync(join(cwd, 'go'), '');
    const { code, stdout, stderr } = await program.ended;
    assert.deepEqual([code, recordsIn({ stdout }).length], [130, 1]);
    const [resume, last = ''] = stderr.trimEnd().split('\n').slice(-2);
    assert.match(resume ?? '', /^resume with: orchestrator run --resume [\w-]+$/);
    assert.match(last, /^all records so far: orchestrator results [\w-]+$/);
    const all = await runLine(last.replace(/^.*: orchestrator/, '$orchestrator'), { cwd });
    assert.equal(recordsIn(all).length, 5);
  });
});

describe('bin: runs', () => {
  it('says where there are none', async () => {
    const { code, stdout, stderr } = await place().at('runs');
    assert.deepEqual([code, stdout, stderr], [0, '', 'there is no run in generated yet\n']);
  });

  it('lists when, what, how many, and how they ended', async () => {
    const { run, at } = place();
    await run();
    const { code, stdout, stderr } = await at('runs');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(
      stdout,
      /^RUN +STARTED +CONFIG +DONE +FAILED +TOTAL +ENDED +COST +SIZE\n\d{8}-\d{6}-\w{4} {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}config\.json +2 +1 +3 +completed +\$0\.\d+ simulated +[\d.]+ kB\n$/,
    );
    const json = await at('runs', '--json');
    const { run: id, folder, startedAt, spent, bytes, ...state } = JSON.parse(json.stdout);
    assert.equal(folder, `generated/run_${id}`);
    assert.match(startedAt, /^\d{4}-.*Z$/);
    assert.ok(bytes > 1000);
    const { simulated } = spent;
    assert.ok(
      simulated.tokens > 0 && simulated.costUsd > 0 && simulated.unknown === 0,
      JSON.stringify(spent),
    );
    assert.deepEqual(state, {
      config: 'config.json',
      flows: { done: 2, failed: 1, cancelled: 0, dropped: 0 },
      total: 3,
      ended: 'completed',
      pid: null,
    });
  });

  it('tells a live run from one that crashed, and has the results of both', async () => {
    const there = place({ 'check.sh': HELD });
    const { cwd, at, folder } = there;
    const program = start([...command, '-p', '1', '--simulate'], { cwd });
    const journal = () => readFileSync(join(folder(), 'journal.ndjson'), 'utf8');
    await until('a flow has ended', () => program.told.stdout.includes('\n'));
    await until('that is kept', () => /^{"sum":"\w+","flow":/m.test(journal()));
    program.kill('SIGSTOP'); // it lives as long as it is looked at
    const [, , , ended = ''] = await listed(there);
    assert.match(ended, /^live, pid \d+$/);
    assert.ok(recordsIn(await at('results', 'last')).length > 0);
    const refused = await at('rm', 'last');
    assert.deepEqual([refused.code, refused.stdout], [2, '']);
    assert.match(refused.stderr, /is in use: process \d+ .*Wait for its end, or end it\.\n$/);
    program.kill('SIGKILL');
    await program.ended;
    const [done, , total, crashed] = await listed(there);
    assert.deepEqual([total, crashed], ['3', 'crashed']);
    assert.equal(recordsIn(await at('results', 'last', '--done')).length, Number(done));
    assert.ok(existsSync(folder()));
  });

  const ends: [what: string, more: string[], expected: string[]][] = [
    ['it was stopped by failures', ['--max-failures', '1', '-p', '1'], ['1', '1', '3', 'failures']],
    ['it is complete', [], ['2', '1', '3', 'completed']],
  ];
  for (const [what, more, expected] of ends) {
    it(`says that ${what}`, async () => {
      const there = place();
      await there.run(...more);
      assert.deepEqual(await listed(there), expected);
    });
  }

  it('says that it was interrupted, or that its reader went away', async () => {
    const there = place({ 'check.sh': HELD });
    const { cwd } = there;
    const program = start([...command, '-p', '1', '--simulate'], { cwd });
    await until('a flow has ended', () => program.told.stdout.includes('\n'));
    program.kill('SIGINT');
    await until('it is heard', () => program.told.stderr.includes('interrupted'));
    writeFileSync(join(cwd, 'go'), '');
    await program.ended;
    assert.equal((await listed(there)).at(-1), 'interrupted');
    rmSync(there.folder(), { recursive: true });
    rmSync(join(cwd, 'go'));
    const reader = '(head -1; exec <&-; touch go)';
    await runLine(`$orchestrator ${command.join(' ')} -p 1 --simulate | ${reader}`, { cwd });
    assert.equal((await listed(there)).at(-1), 'broken off');
  });

  it('lists a run whose journal is damaged, and says where', async () => {
    const there = place();
    await there.run('--max-failures', '1');
    const journal = join(there.folder(), 'journal.ndjson');
    writeFileSync(journal, readFileSync(journal, 'utf8').replace('draft', 'graft'));
    const { code, stdout, stderr } = await there.at('runs');
    assert.equal(code, 0);
    assert.match(stdout, /config\.json +- +- +3 +failures/);
    assert.match(stderr, /^warning: .*journal\.ndjson, line \d+, byte \d+: .*Delete that line/);
    const results = await there.at('results', 'last');
    assert.equal(results.code, 70);
    assert.match(results.stderr, /^error: .*journal\.ndjson, line \d+, byte \d+: /);
  });
});

describe('bin: results', () => {
  it('are the records that the run has printed', async () => {
    const { run, at } = place();
    const first = await run('--ordered');
    const all = await at('results', 'last');
    assert.deepEqual([all.code, all.stderr], [0, '']);
    assert.deepEqual(all.stdout.split('\n').sort(), first.stdout.split('\n').sort());
    const indexes = async (...more: string[]) =>
      recordsIn(await at('results', 'last', ...more)).map(({ index }) => index);
    assert.deepEqual(await indexes('--failed'), [1]);
    assert.deepEqual((await indexes('--done')).sort(), [0, 2]);
    assert.equal((await indexes('--failed', '--done')).length, 3);
    const printed = await at('results', 'last', '--print', 'output');
    assert.match(printed.stdout, /^(\d+\n){2}$/);
  });

  it('are those of a retry, too, and of no file that has changed', async () => {
    const there = place();
    const { run, at, cwd } = there;
    await run();
    writeFileSync(join(cwd, 'check.sh'), 'wc -c\n');
    writeFileSync(join(cwd, 'c.md'), 'another');
    const last = await at('retry', '--progress', 'none');
    assert.equal(last.code, 0);
    const results = await at('results', 'last');
    assert.deepEqual(timeless(results), timeless(last));
    assert.deepEqual(await listed(there), ['3', '0', '3', 'completed']);
  });

  it('end quietly when their reader goes away', async () => {
    const { cwd, at } = place();
    const list = Array.from({ length: 1500 }, () => 'a.md').join('\n');
    writeFileSync(join(cwd, 'many.txt'), list);
    writeFileSync(join(cwd, 'one.json'), JSON.stringify([{ type: 'openai', prompt: '{{{doc}}}' }]));
    await at('run', 'one.json', '--key', 'doc:many.txt', '--simulate', '--progress', 'none', '-p', '50');
    const { code, stdout, stderr } = await runLine('$orchestrator results last | head -1', { cwd });
    assert.deepEqual([code, stderr], [141, '']);
    assert.equal(recordsIn({ stdout }).length, 1);
  });

  it('need a journal', async () => {
    const { cwd, at } = place();
    mkdirSync(join(cwd, 'generated/run_x'), { recursive: true });
    const listed = await at('runs');
    assert.deepEqual([listed.code, listed.stderr], [0, '']);
    assert.match(listed.stdout, /^x .* 0 +0 .*crashed/m);
    const { code, stdout, stderr } = await at('results', 'x');
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(
      stderr,
      /^error: generated\/run_x has no journal: the run broke off before anything was kept\n$/,
    );
  });
});

describe('bin: rm', () => {
  it('deletes runs, prints the freed size, and leaves the folders of codex steps', async () => {
    const { run, at, cwd } = place();
    await run();
    await run();
    mkdirSync(join(cwd, 'generated/codex_exec_x'));
    const ids = recordsIn(await at('runs', '--json')).map((state) => Object(state).run);
    const { code, stdout, stderr } = await at('rm', ...ids, 'last');
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, /^(deleted generated\/run_\S+, [\d.]+ kB\n){2}$/);
    assert.deepEqual(readdirSync(join(cwd, 'generated')).sort(), ['.gitignore', '.runs', 'codex_exec_x']);
  });

  it('deletes none where one of them is not known', async () => {
    const { run, at, folder } = place();
    await run();
    const { code, stderr } = await at('rm', 'last', 'nope', 'neither');
    assert.equal(code, 2);
    assert.match(stderr, /^error: no run "nope"; the latest are \S+\nerror: no run "neither"; /);
    assert.ok(existsSync(folder()));
  });
});

describe('bin: retry', () => {
  it('resumes the last run, with its options', async () => {
    const { run, at, cwd } = place();
    const first = await run();
    assert.equal(first.code, 1);
    writeFileSync(join(cwd, 'check.sh'), 'wc -c\n');
    const { code, stdout } = await at('retry', '--only', 'new', '--progress', 'none');
    assert.equal(code, 0);
    assert.equal(recordsIn({ stdout }).length, 3);
    const again = await at('retry', '--only', 'new', '--progress', 'none');
    assert.deepEqual([again.code, again.stdout], [0, '']);
  });

  it('needs a run', async () => {
    const { code, stderr } = await place().at('retry');
    assert.deepEqual([code, stderr], [2, 'error: there is no run in generated yet\n']);
  });
});

describe('bin: help', () => {
  for (const command of ['runs', 'results', 'explain', 'rm', 'retry']) {
    it(`of ${command} goes to stdout`, async () => {
      const { code, stdout, stderr } = await place().at(command, 'any', '--help');
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, new RegExp(`^\\$ orchestrator ${command}`, 'm'));
    });
  }
});

describe('bin: a run that is not known', () => {
  for (const command of ['results', 'rm', 'explain']) {
    it(`is a mistake, and ${command} names those that there are`, async () => {
      const { run, at } = place();
      await run();
      const { code, stdout, stderr } = await at(command, 'nope');
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /^error: no run "nope"; the latest are \d{8}-\d{6}-\w{4}\n$/);
    });
  }
});
