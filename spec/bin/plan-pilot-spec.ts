import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import type { Forecast } from '../../lib/plan/forecast.js';
import { folderWith } from '../helpers/folder.js';
import { type LlmServer, llmServer } from '../helpers/llm-server.js';
import { type Ended, recordsIn, runBin, start, until } from '../helpers/program.js';

const ask = { type: 'openai', name: 'ask', model: 'mine', prompt: '{{{doc}}} by {{{rule}}}' };
const prices = { mine: { input: 2, output: 10 } };
const files = {
  'ask.json': JSON.stringify({ steps: [ask], prices }),
  'docs.txt': 'a.md\nb.md\nb.md\n',
  'rules.txt': 'r.md\na.md\n',
  'a.md': 'One',
  'b.md': 'Two',
  'r.md': 'Be kind',
};
const KEYS = '-k doc:docs.txt -k rule:rules.txt';
const PILOT = `plan ask.json ${KEYS} --pilot 2 --progress none`;

describe('bin: plan --pilot', () => {
  let llm: LlmServer;
  let cwd: string;

  beforeEach(async () => {
    llm = await llmServer();
    cwd = folderWith(files);
  });
  afterEach(() => llm.stop());

  const env = () => ({ OPENAI_BASE_URL: llm.baseUrl });

  function bin(args: string): Promise<Ended> {
    return runBin(args.split(' '), { cwd, env: env() });
  }

  it('runs some flows, and estimates all by what they used', async () => {
    llm.reply({ text: 'ok', usage: { input_tokens: 1000, output_tokens: 300 } });
    const { code, stdout, stderr } = await bin(PILOT);
    assert.deepEqual([code, llm.requests.length], [0, 2]);
    const lines = stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' '));
    assert.match(lines[0] ?? '', /^6 flows, .*; measured by 2 of them$/);
    assert.match(lines[3] ?? '', /^ask openai mine 6 4 ~6000 \$0\.0257 \$0\.03 \$0\.0343$/);
    assert.match(
      stdout,
      /^assumed: All flows are like the 2 that were run, but for the lengths of their prompts, which are counted\.$/m,
    );
    assert.match(stderr, /\nresume with: orchestrator run --resume \S+\n$/);
    assert.doesNotMatch(stdout, /"status"/);
  });

  it('counts for the later run, whose flows are the same', async () => {
    llm.reply({ text: 'ok' });
    await bin(PILOT);
    const records = recordsIn(await bin('run --resume last --ordered'));
    assert.equal(llm.requests.length, 6);
    assert.deepEqual(
      records.map(({ steps }) => steps[0]?.replayed === true),
      [true, false, false, true, false, false],
    );
    const others = recordsIn(await bin(`run ask.json ${KEYS} --ordered --no-journal`));
    const flowsOf = (from: typeof records) => from.map(({ flow, index }) => [flow, index]);
    assert.deepEqual(flowsOf(records), flowsOf(others));
  });

  it('agrees with the plan and the run, though one file is long and isn’t in it', async () => {
    const names = Array.from({ length: 20 }, (_, n) => `${n}.md`);
    const folder = folderWith({
      'c.json': JSON.stringify([{ type: 'openai', model: 'gpt-5.4-mini', prompt: 'Summarise: {{{doc}}}' }]),
      'list.txt': names.join('\n'),
      ...Object.fromEntries(names.map((name, n) => [name, 'word '.repeat(n === 7 ? 100_000 : 5 * (n + 1))])),
    });
    const args = ['c.json', '-k', 'doc:list.txt'];
    const costOf = async (...more: string[]) => {
      const { stdout } = await runBin(['plan', ...args, ...more, '--json'], { cwd: folder });
      const { total, dearest }: Forecast = JSON.parse(stdout);
      assert.equal(dearest[0]?.inputs.doc, '7.md');
      return total.costUsd;
    };
    const [plain, pilot] = [await costOf(), await costOf('--pilot', '10', '--simulate')];
    const run = await runBin(['run', ...args, '--simulate'], { cwd: folder });
    const real = recordsIn(run).reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0);
    for (const { low, high } of [plain, pilot])
      assert.ok((low ?? 0) < real && real < (high ?? 0), `${low} ${real} ${high}`);
    const verdict = await runBin(
      ['plan', ...args, '--pilot', '10', '--simulate', '--max-cost', String(0.9 * (pilot.low ?? 0))],
      { cwd: folder },
    );
    assert.match(
      verdict.stdout,
      /^--max-cost \$0\.\d+: below the low estimate; reached after about \d+ of 20 flows$/m,
    );
  });

  it('is told to programs, with its run', async () => {
    llm.reply({ text: 'ok', usage: { input_tokens: 1000, output_tokens: 300 } });
    const { measured, run, total } = JSON.parse((await bin(`${PILOT} --json`)).stdout);
    assert.deepEqual([measured, total.costUsd.expected], [2, 0.03]);
    assert.deepEqual(
      readdirSync(`${cwd}/generated`).filter((name) => name.startsWith('run_')),
      [`run_${run}`],
    );
    assert.equal(JSON.parse((await bin(`plan ask.json ${KEYS} --json`)).stdout).run, null);
    assert.match((await bin('runs')).stdout, / 2 +0 +6 +pilot /);
  });

  it('runs all flows where there are no more', async () => {
    llm.reply({ text: 'ok' });
    const { stdout } = await bin(`plan ask.json ${KEYS} --pilot 100 --json`);
    assert.deepEqual([JSON.parse(stdout).measured, llm.requests.length], [6, 6]);
  });

  it('ends as its run does, and plans all the same', async () => {
    llm.reply({ status: 400, error: { message: 'no' } });
    const { code, stdout, stderr } = await bin(PILOT);
    assert.equal(code, 1);
    assert.match(stderr, /2 failed:\n {2}ask: refused x2/);
    assert.match(stdout, /^6 flows/);
  });

  it('stops at a share of failures that is one of the flows that it runs', async () => {
    llm.reply({ status: 400, error: { message: 'no' } });
    const { code, stderr } = await bin(
      `plan ask.json ${KEYS} --pilot 4 --progress none --parallel 1 --max-failures 50%`,
    );
    assert.deepEqual([code, llm.requests.length], [3, 2]);
    assert.match(stderr, /^stopped: 2 flows have failed, of at most 50%/m);
  });

  it('keeps to what was assumed when it is interrupted before anything is known', async () => {
    llm.reply({ text: 'late' }, { delay: 60_000 });
    const program = start(PILOT.split(' '), { cwd, env: env() });
    await until('it asks', () => llm.requests.length === 2);
    program.kill('SIGTERM');
    const { code, stdout } = await program.ended;
    assert.equal(code, 130);
    assert.match(stdout, /^assumed: An answer has 200/m);
  });

  it('must be a number', async () => {
    const { code, stderr } = await bin(`plan ask.json ${KEYS} --pilot 0`);
    assert.deepEqual([code, llm.requests.length], [2, 0]);
    assert.match(stderr, /--pilot: expected a whole number from 1 up, got "0"/);
  });
});
