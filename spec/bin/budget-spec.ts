import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sumUsd } from '../../lib/util/dollars.js';
import { type BillingServer, billingServer, PRICE } from '../helpers/billing-server.js';
import { folderWith } from '../helpers/folder.js';
import { type Ended, recordsIn, runBin, start, until } from '../helpers/program.js';

const FLOWS = 24;
const NAMES = Array.from({ length: FLOWS }, (_, n) => `${n}.md`);
const SCHEMA = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] };

/** A folder with a config of two calls to the server, and a list of files. */
function place({ baseUrl }: BillingServer, prices: object = { house: PRICE }): string {
  const ask = { type: 'openai', model: 'house', baseUrl, schema: SCHEMA, retries: 9 };
  const steps = [
    { ...ask, name: 'draft', prompt: '{{{doc}}}' },
    { type: 'cmd', name: 'count', cmd: ['wc', '-c'] },
    { ...ask, name: 'judge', prompt: 'Judge' },
  ];
  return folderWith({
    'config.json': JSON.stringify({ steps, prices }),
    'list.txt': NAMES.join('\n'),
    ...Object.fromEntries(NAMES.map((name) => [name, name])),
  });
}

const RUN = ['run', 'config.json', '--key', 'doc:list.txt', '--progress', 'none', '--parallel', '6'];
const RESUME = ['run', '--resume', 'last', '--progress', 'none'];

interface Spent {
  readonly tokens: number;
  readonly costUsd: number;
  readonly unknown: number;
}

/** What the only run has used up by its own account. */
async function ledger(cwd: string): Promise<Spent> {
  const { stdout } = await runBin(['runs', '--json'], { cwd });
  const { spent }: { spent: Spent } = JSON.parse(stdout);
  return spent;
}

/** What its calls would have cost. */
async function rehearsed(ended: Ended): Promise<{ tokens: number; costUsd: number }> {
  const usages = recordsIn(ended).map(({ usage }) => usage);
  const tokens = usages.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0);
  return { tokens, costUsd: sumUsd(recordsIn(ended).map(({ costUsd }) => costUsd)) ?? 0 };
}

/** What the steps of this session say that they cost. */
function bought(ended: Ended): number {
  const steps = recordsIn(ended).flatMap(({ steps }) => steps.filter(({ replayed }) => !replayed));
  return steps.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0);
}

function close(a: number, b: number): void {
  assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);
}

describe('bin: a budget', () => {
  it('ends the run with 3 when it is spent; raised, the run goes on; the ledger is the server’s bill', async () => {
    await using server = await billingServer();
    const cwd = place(server);
    const first = await runBin([...RUN, '--max-cost', '0.03'], { cwd });
    assert.equal(first.code, 3, first.stderr);
    assert.match(
      first.stderr,
      /^stopped: \$0\.0\d+ of \$0\.03 spent, and nothing that is left fits: a call of \w+ is expected to use \$0\.\d+; /m,
    );
    assert.match(
      first.stderr,
      /^stopped at the budget: \$0\.0\d+ of \$0\.03 spent.*; to go on, raise --max-cost$/m,
    );
    assert.match(first.stderr, /\nresume with: orchestrator run --resume \S+\n$/);
    const cancelled = recordsIn(first).filter(({ status }) => status === 'cancelled');
    assert.ok(cancelled.length > 0);
    assert.ok(
      cancelled.every(({ error }) => /budget/.test(error?.message ?? '') && /raise/i.test(error?.hint ?? '')),
    );
    close((await ledger(cwd)).costUsd, server.bill.usd);
    close(bought(first), server.bill.usd);
    assert.equal((await ledger(cwd)).tokens, server.bill.tokens);

    const again = await runBin(RESUME, { cwd });
    assert.equal(again.code, 3, 'nothing is left of the budget');
    close((await ledger(cwd)).costUsd, server.bill.usd);

    const before = server.bill.usd;
    const rest = await runBin([...RESUME, '--max-cost', '$1'], { cwd });
    assert.equal(rest.code, 0, rest.stderr);
    assert.equal(recordsIn(rest).length, FLOWS);
    assert.deepEqual(await ledger(cwd), { tokens: server.bill.tokens, costUsd: server.bill.usd, unknown: 0 });
    close(bought(rest), server.bill.usd - before);
    const { stdout } = await runBin(['runs'], { cwd });
    assert.match(stdout, new RegExp(` \\$${server.bill.usd.toFixed(2)} `));
  });

  it('that is raised a little is spent: what calls use was learned before', async () => {
    const cwd = folderWith({
      'config.json': JSON.stringify([{ type: 'openai', prompt: 'Summarise: {{{doc}}}' }]),
      'list.txt': NAMES.join('\n'),
      ...Object.fromEntries(NAMES.map((name) => [name, `${name} `.repeat(1000)])),
    });
    const first = await runBin([...RUN, '--simulate', '--max-cost', '0.002'], { cwd });
    assert.equal(first.code, 3, first.stderr);
    // A call of which nothing is known is assumed to be answered by 1,000 tokens: $0.0005 beside its prompt.
    const again = await runBin([...RESUME, '--max-cost', String(bought(first) + 0.0005)], { cwd });
    assert.ok(bought(again) > 0, again.stderr);
  });

  it('goes on without one file that is too big for it, names that, and ends with 3', async () => {
    const cwd = folderWith({
      'config.json': JSON.stringify([{ type: 'openai', prompt: 'Summarise: {{{doc}}}' }]),
      'list.txt': ['0.md', 'big.md', ...NAMES.slice(1)].join('\n'),
      'big.md': 'word '.repeat(600_000),
      ...Object.fromEntries(NAMES.map((name) => [name, name])),
    });
    const first = await runBin([...RUN, '--simulate', '--max-cost', '0.05'], { cwd });
    assert.equal(first.code, 3, first.stderr);
    const records = recordsIn(first);
    assert.deepEqual(
      records
        .filter(({ status }) => status !== 'done')
        .map(({ status, inputs }) => [status, inputs.doc?.path]),
      [['cancelled', 'big.md']],
    );
    assert.equal(records.length, 1 + FLOWS);
    assert.doesNotMatch(first.stderr, /^stopped: /m);
    assert.match(
      first.stderr,
      /^stopped at the budget: \$0\.\d+ of \$0\.05 spent; 1 call didn't fit: a (?:first )?call of openai for flow \w+ \(doc big\.md\) is \w+ to use \$0\.\d+; to go on, raise --max-cost$/m,
    );
    assert.match((await runBin(['runs'], { cwd })).stdout, / budget /);
    const rest = await runBin([...RESUME, '--max-cost', '1'], { cwd });
    assert.equal(rest.code, 0, rest.stderr);
    assert.equal(recordsIn(rest).filter(({ steps }) => !steps[0]?.replayed).length, 1);
  });

  it('is kept by a run that is killed: what was in flight counts as expected', async () => {
    await using server = await billingServer(30);
    const cwd = place(server);
    const killed = start([...RUN, '--max-cost', '1'], { cwd });
    await until('some calls are answered', () => server.bill.calls >= 12);
    killed.kill('SIGKILL');
    await killed.ended;
    const { costUsd, unknown } = await ledger(cwd);
    assert.equal(unknown, 0);
    // Six calls were in flight; each was expected to cost less than two cents.
    assert.ok(costUsd > server.bill.usd - 6 * 0.003, `${costUsd} of ${server.bill.usd}`);
    assert.ok(costUsd < server.bill.usd + 6 * 0.02, `${costUsd} of ${server.bill.usd}`);
    const [error, bill] = [costUsd - server.bill.usd, server.bill.usd];
    server.latency = 0;
    const rest = await runBin(RESUME, { cwd });
    assert.equal(rest.code, 0, rest.stderr);
    close((await ledger(cwd)).costUsd - error, server.bill.usd);
    close(bought(rest), server.bill.usd - bill);
  });

  it('of tokens needs no price', async () => {
    await using server = await billingServer();
    const cwd = place(server, {});
    const ended = await runBin([...RUN, '--max-tokens', '9000', '--parallel', '1'], { cwd });
    assert.equal(ended.code, 3, ended.stderr);
    assert.match(
      ended.stderr,
      /stopped at the budget: [\d,]+ of 9,000 tokens used; \d calls? didn't fit.*; to go on, raise --max-tokens/,
    );
    assert.ok(server.bill.tokens <= 9000 && server.bill.tokens > 7000, `${server.bill.tokens}`);
    assert.equal((await ledger(cwd)).tokens, server.bill.tokens);
    assert.equal(recordsIn(ended)[0]?.costUsd, null);
  });

  it('of dollars is refused for a model without a price, before anything is asked', async () => {
    await using server = await billingServer();
    const cwd = place(server, {});
    const ended = await runBin([...RUN, '--max-cost', '1'], { cwd });
    assert.equal(ended.code, 2);
    assert.match(
      ended.stderr,
      /steps\[0\]\.model: step "draft": --max-cost needs a known price, and that of house on http\S+ is unknown; .*"prices": {"house": /,
    );
    assert.match(ended.stderr, /steps\[2\]\.model: step "judge"/);
    assert.equal(server.bill.calls, 0);
  });

  it('of dollars is refused for tools and tiers of unknown prices, before anything is asked', async () => {
    const ask = { type: 'openai', model: 'gpt-6-luna', prompt: 'Hello' };
    const config = JSON.stringify([
      { ...ask, name: 'search', request: { tools: [{ type: 'web_search' }] } },
      { ...ask, name: 'code', request: { tools: [{ type: 'code_interpreter' }] } },
      { ...ask, name: 'scaled', request: { service_tier: 'scale' } },
    ]);
    const { code, stderr } = await runBin(['run', 'c.json', '--max-cost', '1'], {
      cwd: folderWith({ 'c.json': config }),
      env: { OPENAI_API_KEY: 'sk-none' },
    });
    assert.equal(code, 2);
    assert.match(
      stderr,
      /step "code": .* fee for a call of code_interpreter is unknown; .*"tools":{"code_interpreter":/,
    );
    assert.match(
      stderr,
      /step "scaled": .* that of the service tier "scale" is unknown; ask for another one/,
    );
    assert.doesNotMatch(stderr, /step "search"/);
  });

  it('of dollars names the listed models whose names are near', async () => {
    const config = JSON.stringify([{ type: 'openai', model: 'gpt-6-lunar', prompt: 'Hello' }]);
    const { code, stderr } = await runBin(['run', 'c.json', '--max-cost', '1'], {
      cwd: folderWith({ 'c.json': config }),
      env: { OPENAI_API_KEY: 'sk-none' },
    });
    assert.equal(code, 2);
    assert.match(
      stderr,
      /that of gpt-6-lunar is unknown; add it to the config, .*; listed names that are near: gpt-6-luna\b/,
    );
  });

  it('isn’t charged for a rehearsal, and `runs` tells the two apart', async () => {
    const cwd = folderWith({
      'config.json': JSON.stringify([{ type: 'openai', prompt: 'Summarise: {{{doc}}}' }]),
      'list.txt': NAMES.join('\n'),
      ...Object.fromEntries(NAMES.map((name) => [name, `${name} `.repeat(1000)])),
    });
    await using server = await billingServer();
    const rehearsal = await runBin([...RUN, '--simulate'], { cwd });
    assert.equal(rehearsal.code, 0, rehearsal.stderr);
    const { stdout } = await runBin(['runs'], { cwd });
    assert.match(stdout, / \$0\.0\d+ simulated /);
    assert.deepEqual(await ledger(cwd), {
      tokens: 0,
      costUsd: 0,
      unknown: 0,
      simulated: { ...(await rehearsed(rehearsal)), unknown: 0 },
    });

    const config = {
      prices: { 'gpt-6-luna': PRICE },
      steps: [{ type: 'openai', prompt: 'Say {{{doc.path}}}' }],
    };
    writeFileSync(join(cwd, 'config.json'), JSON.stringify(config));
    const env = { OPENAI_BASE_URL: server.baseUrl, OPENAI_API_KEY: 'sk-none' };
    const real = await runBin([...RESUME, '--no-simulate', '--max-tokens', '19000'], { cwd, env });
    assert.equal(real.code, 0, real.stderr);
    const spent = await ledger(cwd);
    close(spent.costUsd, server.bill.usd);
    assert.equal(spent.tokens, server.bill.tokens);
    assert.match((await runBin(['runs'], { cwd })).stdout, / \$0\.0\d+ \+ \$0\.0\d+ simulated /);
  });

  it('is named when it is wrong', async () => {
    await using server = await billingServer();
    const wrong = ['--max-cost', 'much', '--max-tokens', '1.5', '--on-limit', 'stop'];
    const ended = await runBin([...RUN, ...wrong], { cwd: place(server) });
    assert.equal(ended.code, 2);
    for (const part of [
      '--max-cost: expected dollars above 0, as 5.00, got "much"',
      '--max-tokens: expected a whole number from 1 up, got "1.5"',
      '--on-limit: expected one of drain, cancel, got "stop"',
    ])
      assert.ok(ended.stderr.includes(part), ended.stderr);
  });
});
