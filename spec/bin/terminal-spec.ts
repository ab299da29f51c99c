import assert from 'node:assert/strict';
import { folderWith } from '../helpers/folder.js';
import {
  type Ended,
  plain,
  ranAhead,
  recordsIn,
  runBin,
  runLine,
  startLine,
  until,
} from '../helpers/program.js';
import { rendered } from './rendered.js';

const ESCAPE = '\u001b';
const COLOUR = new RegExp(`${ESCAPE}\\[[\\d;]*m`);

const steps = ['the-first-step', 'another-step'].map((name) => ({
  type: 'openai',
  name,
  prompt: '{{{foo}}}',
}));
const files = {
  'config.json': JSON.stringify(steps),
  'wide.json': JSON.stringify([{ ...steps[0], name: '要約要約要約要約要約要約要約要約' }]),
  'sleep.json': JSON.stringify([
    { type: 'cmd', cmd: ['sh', '-c', 'sleep 60', '{{{foo.path}}}'] },
    { type: 'cmd', cmd: 'cat', name: '{{{' },
  ]),
  'list.txt': 'a.md\nb.md\nc.md\n',
  'a.md': 'a',
  'b.md': 'b',
  'c.md': 'c',
};

describe('bin: on a terminal', () => {
  let cwd: string;

  before(async function () {
    cwd = folderWith(files);
    if ((await runLine('script -qec true /dev/null', { cwd })).code !== 0) this.skip();
  });

  /** Runs a line under a terminal of its own; what the terminal was written comes as stdout. */
  function onTerminal(size: string, line: string, env: Record<string, string> = {}) {
    const inside = `${size && `stty ${size} && `}exec $orchestrator run ${line}`;
    return startLine(`script -qec '${inside}' /dev/null`, { cwd, env: { TERM: 'xterm-256color', ...env } });
  }

  const rehearsal = 'config.json --key foo:list.txt --parallel 1 --simulate=latency=60';

  it('redraws one line in place, within its width, and leaves the last state', async () => {
    const { code, stdout } = await onTerminal('cols 30 rows 24', `${rehearsal} > out.ndjson`).ended;
    assert.equal(code, 0);
    const lines = rendered(stdout, 30);
    const state = lines.indexOf('the-fir… -> another… | 3/3');
    assert.match(lines[state + 1] ?? '', /^STEP +CALLS /);
    // The notice is longer than the terminal is wide.
    assert.match(
      lines.slice(0, state).join(''),
      /^simulated: every answer comes from the embedded stand-in, none from a model$/,
    );
    assert.ok(stdout.split('\r\n').length > 5, 'it was drawn more than once');
    assert.match(plain(stdout), /\| 0\/3.*\| 1\/3.*\| 3\/3/s);
  });

  it('prints records on clean lines above the live line', async () => {
    const { stdout } = await onTerminal('cols 4000 rows 24', rehearsal).ended;
    const [notice, ...lines] = rendered(stdout, 4000);
    assert.match(notice ?? '', /^simulated: /);
    const records = recordsIn({ stdout: `${lines.slice(0, 3).join('\n')}\n` });
    assert.deepEqual(
      records.map(({ index }) => index),
      [0, 1, 2],
    );
    assert.match(lines[3] ?? '', /^the-first-step: 0 -> another-step: 0 \| 3\/3 \| \d+ tok \$[\d.]+$/);
    assert.match(lines.slice(4).join('\n'), /^STEP .*\nthe-first-step +3 .*\nanother-step +3 .*\n$/);
  });

  it('counts columns, not letters', async () => {
    const line = 'wide.json --key foo:list.txt --simulate --progress live > out.ndjson';
    const { stdout } = await onTerminal('cols 20 rows 24', line).ended;
    const lines = rendered(stdout, 20);
    const [state = '', ...others] = lines.filter((each) => each.includes(' | '));
    assert.match(state, /^要約要約要?… \| 3\/3$/);
    assert.deepEqual(others, []);
  });

  it('redraws the line where its width is not known, too', async () => {
    const { stdout } = await onTerminal('', `${rehearsal} > out.ndjson`).ended;
    const states = rendered(stdout, 80).filter((line) => line.startsWith('the-first-step: '));
    assert.deepEqual(states.length, 1);
    assert.match(states[0] ?? '', /^the-first-step: 0 -> another-step: 0 \| 3\/3 \| \d+ tok \$[\d.]+$/);
  });

  it('uses colour, but never with NO_COLOR', async () => {
    const [coloured, uncoloured] = await Promise.all([
      onTerminal('cols 80 rows 24', rehearsal).ended,
      onTerminal('cols 80 rows 24', rehearsal, { NO_COLOR: '1' }).ended,
    ]);
    assert.match(coloured.stdout, COLOUR);
    assert.doesNotMatch(uncoloured.stdout, COLOUR);
  });

  it('writes plain lines to one that can not move its cursor', async () => {
    const { code, stdout } = await onTerminal('cols 80 rows 24', rehearsal, { TERM: 'dumb' }).ended;
    assert.equal(code, 0);
    assert.equal(stdout.includes(ESCAPE), false);
    assert.match(stdout, /^the-first-step: 0 -> another-step: 0 \| 3\/3 \| .*\r$/m);
    const help = await onTerminal('cols 80 rows 24', '--help', { TERM: 'dumb' }).ended;
    assert.equal(help.stdout.includes(ESCAPE), false);
  });

  it('shows the error and the summary in colour, beneath the last state', async () => {
    const line = 'config.json --key foo:list.txt --simulate=fail=1 > out.ndjson';
    const { code, stdout } = await onTerminal('cols 200 rows 24', line).ended;
    assert.equal(code, 1);
    assert.match(stdout, COLOUR);
    const lines = rendered(stdout, 200);
    const state = lines.indexOf('the-first-step: 0 -> another-step: 0 | 3/3 (3 failed)');
    assert.ok(state > 0);
    assert.equal(lines[state + 1], '3 failed:');
  });

  it('ends the run by Ctrl-C', async () => {
    const program = onTerminal('cols 100 rows 24', 'sleep.json --key foo:list.txt > out.ndjson');
    await until('commands run', () => program.told.stdout.includes('cmd: 3'));
    program.write('\u0003');
    await until('it is heard', () => program.told.stdout.includes('once more to cancel them'));
    program.write('\u0003');
    const { code, stdout } = await program.ended;
    assert.equal(code, 130);
    assert.match(
      rendered(stdout, 100).join('\n'),
      /interrupted: ending flows in flight(.|\n)*cmd: 0 -> \{\{\{: 0 \| 3\/3\nresume with: .*\n$/,
    );
  });
});

describe('bin: without a terminal', () => {
  const rows: [string, string[], Record<string, string>, (ended: Ended) => void][] = [
    [
      'writes no escape at all',
      [],
      {},
      ({ stdout, stderr }) => assert.equal((stdout + stderr).includes(ESCAPE), false),
    ],
    [
      'writes none either where TERM promises colours',
      [],
      { TERM: 'xterm-256color', COLORTERM: 'truecolor' },
      ({ stderr }) => assert.equal(stderr.includes(ESCAPE), false),
    ],
    [
      'writes no progress with --progress none',
      ['--progress', 'none'],
      {},
      ({ stderr }) =>
        assert.equal(stderr, 'simulated: every answer comes from the embedded stand-in, none from a model\n'),
    ],
    [
      'writes states as plain lines with --progress lines',
      ['--progress', 'lines'],
      {},
      ({ stderr }) =>
        assert.match(stderr, /^simulated: .*\n(the-first-step: \d -> another-step: \d \| \d\/3.*\n)+STEP/),
    ],
    [
      'redraws with --progress live',
      ['--progress', 'live'],
      {},
      ({ stderr }) =>
        assert.match(
          rendered(stderr.replaceAll('\n', '\r\n'), 100)[1] ?? '',
          /^the-first-step: 0 -> another-step: 0 \| 3\/3 \| \d+ tok /,
        ),
    ],
  ];
  const endOf = ranAhead(rows, ([, options, env]) => {
    const args = ['run', 'config.json', '--key', 'foo:list.txt', '--simulate', ...options];
    return runBin(args, { cwd: folderWith(files), env });
  });
  for (const row of rows) {
    const [what, , , check] = row;
    it(what, () => {
      const ended = endOf(row);
      assert.equal(ended.code, 0);
      assert.equal(recordsIn(ended).length, 3);
      check(ended);
    });
  }
});
