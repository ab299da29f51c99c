import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { codexPlace, requireCodex } from '../helpers/codex.js';
import { folderWith } from '../helpers/folder.js';
import { type LlmServer, llmServer } from '../helpers/llm-server.js';
import { recordsIn, runBin } from '../helpers/program.js';
import { message, responsesServer } from '../helpers/responses-server.js';

const project = resolve(import.meta.dirname, '../..');

/** The seed's own example. */
const seed = JSON.stringify([
  { type: 'openai', prompt: 'Write a limerick about orchestration.' },
  { type: 'openai', prompt: 'Summarize the previous output.' },
]);

const KEY = 'sk-test-0123456789-must-not-be-shown';

function envFor(llm: LlmServer) {
  return { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: llm.baseUrl };
}

/** What the server was asked, in the order of the requests. */
function inputsOf(llm: LlmServer): string[] {
  return llm.requests.map(({ body }) => {
    const { input }: { input: string } = JSON.parse(body);
    return input;
  });
}

describe('bin: the example with two keys, simulated', () => {
  const generated = folderWith();
  const args = [
    'run',
    'examples/review.yaml',
    '--key',
    'file:examples/files.txt',
    '--key',
    'rule:examples/rules.txt',
  ];
  const rehearse = () => runBin([...args, '--simulate', '--generated', generated], { cwd: project });

  it('prints six whole records, the same ids in every run, and the progress', async () => {
    const [first, second] = await Promise.all([rehearse(), rehearse()]);
    const records = recordsIn(first).sort((a, b) => a.index - b.index);
    assert.equal(first.code, 0);
    assert.equal(records.length, 6);
    for (const [index, record] of records.entries()) {
      assert.deepEqual(Object.keys(record), [
        'flow',
        'index',
        'inputs',
        'status',
        'output',
        'path',
        'simulated',
        'steps',
        'ms',
        'usage',
        'costUsd',
        'error',
      ]);
      assert.match(record.flow, /^[0-9a-f]{16}$/);
      assert.deepEqual([record.index, record.status, record.simulated], [index, 'done', true]);
      assert.match(record.output ?? '', /^\[simulated/);
      assert.deepEqual(
        record.steps.map(({ name }) => name),
        ['draft', 'fix', 'summary'],
      );
      assert.deepEqual(Object.keys(record.inputs), ['file', 'rule']);
      assert.match(record.inputs.file?.sha256 ?? '', /^[0-9a-f]{64}$/);
    }
    const ids = (ended: typeof first) =>
      recordsIn(ended)
        .map(({ flow }) => flow)
        .sort();
    assert.equal(new Set(ids(first)).size, 6);
    assert.deepEqual(ids(first), ids(second));

    const lines = first.stderr.trimEnd().split('\n');
    assert.equal(lines.filter((line) => line.startsWith('simulated:')).length, 1);
    assert.match(lines[1] ?? '', /^draft: \d -> fix: \d -> summary: \d \| 0\/6$/);
    assert.match(lines.at(-5) ?? '', /^draft: 0 -> fix: 0 -> summary: 0 \| 6\/6 \| [\d.]+K tok \$\d\.\d+\+$/);
    assert.deepEqual(
      lines.slice(-4).map((line) => line.split(/ +/).slice(0, 2)),
      [
        ['STEP', 'CALLS'],
        ['draft', '6'],
        ['fix', '6'],
        ['summary', '6'],
      ],
    );
  });
});

describe("bin: the seed's example", () => {
  it('sends the first answer after the second prompt', async () => {
    await using llm = await llmServer();
    llm.reply({ text: 'There once was a flow' }, { when: 'limerick' }).reply({ text: 'A flow.' });
    const cwd = folderWith({ 'config.json': seed });
    const { code, stdout, stderr } = await runBin(['run', 'config.json', '--parallel', '10'], {
      cwd,
      env: envFor(llm),
    });
    const [record, ...others] = recordsIn({ stdout });
    assert.equal(code, 0);
    assert.deepEqual([record?.output, others], ['A flow.', []]);
    assert.deepEqual(inputsOf(llm), [
      'Write a limerick about orchestration.',
      'Summarize the previous output.\nThere once was a flow',
    ]);
    assert.ok(llm.requests.every(({ headers }) => headers.authorization === `Bearer ${KEY}`));
    assert.equal((stdout + stderr).includes(KEY), false);
  });

  it('runs once for each file of a list', async () => {
    await using llm = await llmServer();
    llm.reply({ text: 'ok' });
    const config = [
      { type: 'openai', prompt: 'Review {{{foo}}}!' },
      { type: 'openai', prompt: 'Shorter.' },
    ];
    const cwd = folderWith({
      'config.json': JSON.stringify(config),
      'paths.txt': '\ufeffa.md\r\n\r\nb c.md\r\n',
      'a.md': 'content of a',
      'b c.md': 'content $& of {{{foo}}}',
    });
    const args = ['run', 'config.json', '--parallel', '1', '--key', 'foo:paths.txt'];
    const { code, stdout } = await runBin(args, { cwd, env: envFor(llm) });
    assert.equal(code, 0);
    assert.deepEqual(
      recordsIn({ stdout }).map(({ inputs }) => inputs.foo?.path),
      ['a.md', 'b c.md'],
    );
    assert.deepEqual(inputsOf(llm), [
      'Review content of a!',
      'Shorter.\nok',
      'Review content $& of {{{foo}}}!',
      'Shorter.\nok',
    ]);
  });

  it('says nothing of the key where the server says it back', async () => {
    await using llm = await llmServer();
    llm.reply({ status: 401, error: { message: `Incorrect API key provided: ${KEY}.` } });
    const cwd = folderWith({ 'config.json': seed });
    const { code, stdout, stderr } = await runBin(['run', 'config.json'], { cwd, env: envFor(llm) });
    assert.equal(code, 1);
    assert.equal(recordsIn({ stdout })[0]?.error?.kind, 'auth');
    assert.equal((stdout + stderr).includes(KEY), false);
  });
});

describe('bin: openai and the real codex', () => {
  it('hands each answer on, and leaves the final message of codex', async function () {
    const codex = requireCodex(this);
    await using server = await responsesServer([{ items: [message('the fix\n')] }]);
    await using place = await codexPlace(codex, server.port);
    await using llm = await llmServer();
    llm.reply({ text: 'the review' }, { when: 'Review' }).reply({ text: 'the summary' });
    const config = [
      { type: 'openai', prompt: 'Review it.' },
      { type: 'codex', prompt: 'Fix it.' },
      { type: 'openai', prompt: 'Sum it up.' },
    ];
    const cwd = folderWith({ 'config.json': JSON.stringify(config) });
    const env = { ...place.env, ...envFor(llm) };
    const { code, stdout, stderr } = await runBin(['run', 'config.json'], { cwd, env });
    assert.equal(code, 0, stderr);
    const [record] = recordsIn({ stdout });
    assert.deepEqual([record?.output, record?.path], ['the summary', null]);
    assert.deepEqual(inputsOf(llm), ['Review it.', 'Sum it up.\nthe fix\n']);
    const path = record?.steps[1]?.path ?? '';
    assert.match(path, /^generated\/codex_exec_\w+\/final_message\.txt$/);
    assert.equal(readFileSync(join(cwd, path), 'utf8'), 'the fix\n');
    const folder = join(cwd, path, '..');
    assert.deepEqual(readdirSync(folder).sort(), [
      'events.jsonl',
      'final_message.txt',
      'prompt.txt',
      'stderr.log',
    ]);
    assert.equal(readFileSync(join(folder, 'prompt.txt'), 'utf8'), 'Fix it.\nthe review');
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    assert.equal([stdout, stderr, ...files].join('').includes(KEY), false);
    assert.match(stderr, /openai: 0 -> codex: 0 -> openai: 0 \| 1\/1 \| 120 tok\n$/);
  });

  for (const print of ['ndjson', 'path', 'output']) {
    it(`as the last step shows its final message with --print ${print}`, async function () {
      const codex = requireCodex(this);
      await using server = await responsesServer([{ items: [message('all is well')] }]);
      await using place = await codexPlace(codex, server.port);
      const cwd = folderWith({ 'config.yaml': '- type: codex\n  prompt: Look.\n' });
      const args = ['run', 'config.yaml', '--print', print, '--generated', 'kept'];
      const { code, stdout, stderr } = await runBin(args, { cwd, env: place.env });
      assert.equal(code, 0, stderr);
      if (print === 'output') return assert.equal(stdout, 'all is well\n');
      const path = print === 'path' ? stdout.trimEnd() : recordsIn({ stdout })[0]?.path;
      assert.match(path ?? '', /^kept\/codex_exec_\w+\/final_message\.txt$/);
      assert.equal(readFileSync(join(cwd, path ?? ''), 'utf8'), 'all is well');
    });
  }
});
