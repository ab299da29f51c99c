import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import type { Forecast } from '../../lib/plan/forecast.js';
import { DEFAULT_MODEL } from '../../lib/steps/openai/config.js';
import { folderWith } from '../helpers/folder.js';
import { type LlmServer, llmServer } from '../helpers/llm-server.js';
import { type Ended, ranAhead, runBin } from '../helpers/program.js';

const draft = { type: 'openai', name: 'draft', model: 'mine', prompt: 'Review {{{doc}}} by {{{rule}}}' };
const files = {
  'plain.json': JSON.stringify({ steps: [draft], prices: { mine: { input: 2, output: 10 } } }),
  'chain.json': JSON.stringify({
    steps: [
      { ...draft, model: 'gpt-5.4-mini' },
      { type: 'openai', name: 'sum', model: 'gpt-99', prompt: 'Sum up' },
      { type: 'codex', name: 'fix', prompt: 'Fix {{{doc.path}}}' },
      { type: 'cmd', name: 'words', cmd: ['no-such-program'] },
    ],
  }),
  'many.json': '[{"type": "openai", "prmpt": "x"}, {"type": "opnai"}]',
  'prices.json': JSON.stringify({ steps: [draft], prices: { mine: { input: '2', output: 10 } } }),
  'docs.txt': 'a.md\nb.md\nb.md\n',
  'rules.txt': 'r.md\na.md\n',
  'lacking.txt': 'lost.md\n',
  'a.md': 'The first document.',
  'b.md': 'Another one',
  'r.md': 'Be kind',
};

type Row = [what: string, args: string, expected: RegExp];

const KEYS = '-k doc:docs.txt -k rule:rules.txt';

const mistakes: Row[] = [
  [
    'every mistake at once',
    `plan many.json ${KEYS}`,
    /did you mean "prompt"\?[\s\S]*did you mean "openai"\?/,
  ],
  [
    'a wrong list',
    'plan plain.json -k doc:lacking.txt -k rule:rules.txt',
    /lacking\.txt:1: lost\.md: no such file/,
  ],
  ['a wrong price', `plan prices.json ${KEYS}`, /prices\.mine\.input: expected a number, got "2" \(string\)/],
  [
    'a wrong option',
    `plan plain.json ${KEYS} -p 0`,
    /--parallel: expected a whole number from 1 up, got "0"/,
  ],
  ['an unknown option', `plan plain.json ${KEYS} --jsn`, /unknown option --jsn; did you mean "--json"\?/],
  ['a missing config', 'plan', /the config is missing: orchestrator plan <config>/],
  ['two configs', 'plan plain.json chain.json', /plan takes one config, and everything else by options/],
];

describe('bin: plan', () => {
  let llm: LlmServer;
  let cwd: string;

  before(async () => {
    llm = await llmServer();
    cwd = folderWith(files);
  });
  const endOf = ranAhead(mistakes, ([, args]) => plan(args));
  after(() => llm.stop());

  /** Without a key or a codex binary, and with a server that would notice. */
  function plan(args: string): Promise<Ended> {
    return runBin(args.split(' '), { cwd, env: { PATH: '/nowhere', OPENAI_BASE_URL: llm.baseUrl } });
  }

  async function forecast(args: string): Promise<Forecast> {
    const { stdout } = await plan(`${args} --json`);
    return JSON.parse(stdout);
  }

  it('forecasts the work of a run and its cost', async () => {
    const { code, stdout, stderr } = await plan(`plan plain.json ${KEYS} --parallel 3`);
    assert.equal(code, 0);
    const lines = stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' '));
    assert.deepEqual(lines.slice(0, 7), [
      '6 flows, at most 3 at once, of 3 files with 37 B',
      '',
      'STEP TYPE MODEL CALLS SHARED INPUT TOKENS LOW EXPECTED HIGH',
      `draft openai mine 6 4 ${await input()} $0.0121 $0.0601 $0.2401`,
      '',
      'cost: $0.0601 expected, low $0.0121, high $0.2401',
      'time: about 20s, limited by parallel',
    ]);
    assert.match(
      stdout,
      /^price of mine: \$2 input, \$2 cached, \$10 output per million tokens \(config\)$/m,
    );
    assert.match(stdout, /^assumed: An answer has 200, 1,000 or 4,000 tokens/m);
    assert.match(stderr, /^warning: docs\.txt: 1 of its 3 lines repeat/);
  });

  async function input(): Promise<number | undefined> {
    return (await forecast(`plan plain.json ${KEYS}`)).steps[0]?.model?.input.count;
  }

  it('sends no request, needs no key and no program, and leaves nothing behind', async () => {
    const before = readdirSync(cwd);
    const { code } = await plan(`plan chain.json ${KEYS}`);
    assert.equal(code, 0);
    assert.equal(llm.requests.length, 0);
    assert.deepEqual(readdirSync(cwd), before);
  });

  it('shows unknown values as unknown', async () => {
    const { stdout } = await plan(`plan chain.json ${KEYS}`);
    assert.match(stdout, /^fix +codex +its own +6 +.* +unknown +unknown +unknown$/m);
    assert.match(stdout, /^cost: unknown, as that of draft, sum, fix$/m);
    assert.match(stdout, /^price of gpt-99: unknown; add "prices": \{"gpt-99": /m);
    assert.match(stdout, /^price of fix: unknown, its model is its own choice/m);
    assert.match(stdout, /^assumed: codex sends 20,000 \(low\) or 32,000 \(expected\) input tokens/m);
    assert.match(stdout, /; without words, whose time is unknown$/m);
  });

  it('says nothing of all else where there is nothing else', async () => {
    const config = JSON.stringify([{ type: 'openai', model: 'gpt-99', prompt: 'Hi' }]);
    const { stdout } = await runBin(['plan', 'c.json'], { cwd: folderWith({ 'c.json': config }) });
    assert.match(stdout, /^cost: unknown, as that of openai$/m);
    const both = JSON.stringify([
      { ...draft, prompt: 'Hi', model: DEFAULT_MODEL },
      { type: 'codex', prompt: 'Do' },
    ]);
    const mixed = await runBin(['plan', 'c.json'], { cwd: folderWith({ 'c.json': both }) });
    assert.match(mixed.stdout, /^cost: unknown, as that of codex; all else: \$0\.0\d+ expected, /m);
  });

  it('counts the calls that --share leaves', async () => {
    const { steps } = await forecast(`plan plain.json ${KEYS} --share`);
    assert.deepEqual(steps[0]?.calls, { count: 4, bound: 'at most' });
  });

  it("goes by its lanes' limits, and says which of them no step uses", async () => {
    const lanes = '--lane openai:rpm=1 --lane openai/mine:rpm=2 --lane codex:rpm=1';
    const { stdout, stderr } = await plan(`plan plain.json ${KEYS} ${lanes}`);
    assert.match(stdout, /^time: about 3m, limited by openai: rpm$/m);
    assert.match(stderr, /^warning: lane codex: no step uses it$/m);
  });

  it('reads a list from stdin', async () => {
    const args = ['plan', 'plain.json', '-k', 'doc:-', '-k', 'rule:rules.txt', '--json'];
    const { stdout } = await runBin(args, { cwd, stdin: 'a.md\n' });
    assert.equal(JSON.parse(stdout).flows, 2);
  });

  for (const row of mistakes) {
    const [what, , expected] = row;
    it(`explains ${what}, as run does`, () => {
      const { code, stdout, stderr } = endOf(row);
      assert.match(stderr, expected);
      assert.deepEqual([code, stdout], [2, '']);
    });
  }

  it('plans a million flows in 200 MB', async () => {
    const names = Array.from({ length: 1000 }, (_, n) => `${n}.md`);
    const many = Object.fromEntries(names.map((name) => [name, `The words of ${name}. `.repeat(200)]));
    const folder = folderWith({ ...many, 'plain.json': files['plain.json'], 'list.txt': names.join('\n') });
    const peak = 'process.on("exit", () => console.error(process.resourceUsage().maxRSS))';
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(peak)}` };
    const args = ['plan', 'plain.json', '-k', 'doc:list.txt', '-k', 'rule:list.txt', '--json'];
    const { stdout, stderr } = await runBin(args, { cwd: folder, env });
    assert.equal(JSON.parse(stdout).flows, 1_000_000);
    assert.ok(Number(stderr) < 200_000, `${stderr} kB`);
  });
});
