import assert from 'node:assert/strict';
import { folderWith } from '../helpers/folder.js';
import { llmServer } from '../helpers/llm-server.js';
import { type Ended, ranAhead, recordsIn, runBin } from '../helpers/program.js';

const three = { 'list.txt': 'a.md\nb.md\nc.md\n', 'a.md': 'a', 'b.md': 'b', 'c.md': 'c' };
const args = ['run', 'config.json', '--key', 'foo:list.txt', '--ordered'];

function configOf(...steps: object[]): { 'config.json': string } {
  return { 'config.json': JSON.stringify(steps) };
}

/** The last line of a run that didn't go well. */
const RESUME = /resume with: orchestrator run --resume [\w-]+\n$/;

/** Status and kind of error of each record. */
function kindsIn(ended: Ended): [string, string | undefined][] {
  return recordsIn(ended).map(({ status, error }) => [status, error?.kind]);
}

describe('bin: one flow that fails', () => {
  it('has its record and its place in the summary, and all others are done', async () => {
    const fails = [
      'sh',
      '-c',
      'test "$1" = b && { echo "no b, please" >&2; exit 3; }; echo "$1"',
      'sh',
      '{{{foo}}}',
    ];
    const cwd = folderWith({
      ...three,
      ...configOf({ type: 'cmd', name: 'pick', cmd: fails }, { type: 'cmd', cmd: 'cat' }),
    });
    const ended = await runBin(args, { cwd });
    assert.equal(ended.code, 1);
    assert.deepEqual(kindsIn(ended), [
      ['done', undefined],
      ['failed', 'exit'],
      ['done', undefined],
    ]);
    const [, failed] = recordsIn(ended);
    assert.deepEqual(
      [failed?.output, failed?.steps.map(({ name, status }) => `${name} ${status}`)],
      [null, ['pick failed']],
    );
    const { step, type, exitCode, attempts, message } = failed?.error ?? assert.fail('it has no error');
    assert.deepEqual(
      { step, type, exitCode, attempts },
      { step: 'pick', type: 'cmd', exitCode: 3, attempts: 1 },
    );
    assert.equal(message, 'sh ended with exit code 3: no b, please');
    assert.match(ended.stderr, /pick: 0 -> cmd: 0 \| 3\/3 \(1 failed\)\n/);
    const summary = `1 failed:\n  pick: exit x1, first in flow ${failed?.flow}: sh ended with exit code 3: no b, please\n`;
    assert.ok(ended.stderr.replace(RESUME, '').endsWith(summary), ended.stderr);
  });

  it('is grouped with its like by step and kind, each with the first message', async () => {
    const first = ['sh', '-c', 'echo "bad $1" >&2; test "$1" = c', 'sh', '{{{foo}}}'];
    const last = { type: 'cmd', name: 'late', cmd: 'sleep 60', timeout: 0.2 };
    const cwd = folderWith({ ...three, ...configOf({ type: 'cmd', name: 'early', cmd: first }, last) });
    const ended = await runBin([...args, '--parallel', '1'], { cwd });
    assert.equal(ended.code, 1);
    assert.deepEqual(kindsIn(ended), [
      ['failed', 'exit'],
      ['failed', 'exit'],
      ['failed', 'timeout'],
    ]);
    const lines = ended.stderr.trimEnd().split('\n').slice(-4);
    assert.equal(lines[0], '3 failed:');
    assert.match(lines[1] ?? '', /^ {2}early: exit x2, first in flow \w{16}: .*bad a/);
    assert.match(lines[2] ?? '', /^ {2}late: timeout x1, first in flow \w{16}: timed out after 0\.2 s/);
  });

  const timeouts: [string, object, string[]][] = [
    ['of the step', { timeout: 0.2 }, []],
    ['of the command line', {}, ['--timeout', '0.2']],
    ["of the step before the command line's", { timeout: 0.2 }, ['--timeout', '600']],
  ];
  const timedOut = ranAhead(timeouts, ([, fields, options]) => {
    const cwd = folderWith(configOf({ type: 'cmd', cmd: ['sleep', '600'], ...fields }));
    return runBin(['run', 'config.json', ...options], { cwd });
  });
  for (const row of timeouts) {
    it(`ends as timeout after the seconds ${row[0]}`, () => {
      const ended = timedOut(row);
      assert.deepEqual([ended.code, kindsIn(ended)], [1, [['failed', 'timeout']]]);
      const [step] = recordsIn(ended)[0]?.steps ?? [];
      assert.ok(step && step.ms >= 190, `${step?.ms} ms`);
    });
  }

  it('is none where a second attempt succeeds after Retry-After', async () => {
    await using llm = await llmServer();
    llm
      .reply({ status: 429, error: { message: 'slow down' }, retryAfter: 1 }, { times: 1 })
      .reply({ text: 'ok' });
    const cwd = folderWith(configOf({ type: 'openai', prompt: 'x' }));
    const env = { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: llm.baseUrl };
    const started = performance.now();
    const ended = await runBin(['run', 'config.json'], { cwd, env });
    assert.ok(performance.now() - started >= 1000);
    assert.deepEqual([ended.code, kindsIn(ended)], [0, [['done', undefined]]]);
    assert.equal(recordsIn(ended)[0]?.steps[0]?.attempts, 2);
  });

  it("whose content isn't UTF-8 fails as input, and no other flow", async () => {
    const cwd = folderWith({
      ...three,
      'b.md': Buffer.from([0x62, 0xff, 0xfe]),
      ...configOf({ type: 'cmd', cmd: ['echo', '{{{foo}}}'] }),
    });
    const ended = await runBin(args, { cwd });
    assert.equal(ended.code, 1);
    assert.deepEqual(kindsIn(ended), [
      ['done', undefined],
      ['failed', 'input'],
      ['done', undefined],
    ]);
    assert.match(recordsIn(ended)[1]?.error?.message ?? '', /b\.md.*UTF-8/);
  });

  it("doesn't fail where content that isn't UTF-8 is used by its path alone", async () => {
    const cwd = folderWith({
      'list.txt': 'b.md\n',
      'b.md': Buffer.from([0x62, 0xff, 0xfe]),
      ...configOf({ type: 'cmd', cmd: ['wc', '-c', '{{{foo.path}}}'] }),
    });
    const ended = await runBin(args, { cwd });
    assert.deepEqual([ended.code, recordsIn(ended)[0]?.output?.trim()], [0, '3 b.md']);
  });

  it('by the stand-in is labelled as such', async () => {
    const cwd = folderWith({ ...three, ...configOf({ type: 'openai', prompt: '{{{foo}}}', retries: 1 }) });
    const ended = await runBin([...args, '--simulate=fail=1'], { cwd });
    assert.deepEqual([ended.code, kindsIn(ended)], [1, Array(3).fill(['failed', 'server'])]);
    assert.match(recordsIn(ended)[0]?.error?.message ?? '', /\[simulated\]/);
    assert.equal(recordsIn(ended)[0]?.error?.attempts, 2);
    assert.match(ended.stderr, /3 failed:\n {2}openai: server x3, /);
  });
});
