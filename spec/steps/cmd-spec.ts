import assert from 'node:assert/strict';
import { mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../lib/errors.js';
import { cmd } from '../../lib/steps/cmd.js';
import type { StepEnvironment } from '../../lib/steps/contract.js';
import { contextWith, flowWith, rendering, setup } from '../helpers/setup.js';

type Line = string | string[];

async function output(
  line: Line,
  previous = '',
  overrides: Partial<StepEnvironment> = {},
  fields = {},
): Promise<string> {
  const step = await cmd.create({ type: 'cmd', cmd: line, ...fields }, setup(overrides));
  return step.run(flowWith(previous), contextWith());
}

describe('cmd', () => {
  const rows: [string, Line, string, string][] = [
    ['runs a list without a shell', ['printf', '%s|', 'a b', '$HOME', '*'], '', 'a b|$HOME|*|'],
    ['runs a string by the shell', 'printf %s a | tr a b', '', 'b'],
    ['gives the child the previous output, unchanged', ['cat'], 'ä\n\n  x', 'ä\n\n  x'],
    ['closes stdin at the first step too', ['wc', '-c'], '', '0'],
    ['takes one final newline off, not more', ['printf', 'a\n\n'], '', 'a\n'],
    ['keeps an output without a final newline', ['printf', 'a'], '', 'a'],
    ['takes a byte order mark off', ['printf', '\\357\\273\\277a\\357\\273\\277'], '', 'a\ufeff'],
    ['does not mind a child that leaves its stdin unread', ['echo', 'ok'], 'x'.repeat(3_000_000), 'ok'],
    ['writes a large previous output whole', ['wc', '-c'], 'x'.repeat(3_000_000), '3000000'],
    ['keeps stderr out of the output', 'echo no >&2; echo yes', '', 'yes'],
  ];
  for (const [title, line, previous, expected] of rows) {
    it(title, async () => assert.equal((await output(line, previous)).replace(/^ +/, ''), expected));
  }

  it('gives no stdin with `previous: false`', async () => {
    assert.equal(await output(['cat'], 'not this', {}, { previous: false }), '');
  });

  it('runs in the working folder', async () => {
    const workdir = await realpath(await mkdtemp(join(tmpdir(), 'cmd-')));
    assert.equal(await output(['pwd'], '', { workdir }), workdir);
  });

  it('gives the child a proxy whole: the command is the user’s own', async () => {
    const env = { PATH: process.env.PATH, https_proxy: 'http://me:secret@proxy:3128' };
    assert.equal(await output('echo "$https_proxy"', '', { env }), env.https_proxy);
  });

  it("keeps the keys of the model's servers from the child", async () => {
    const env = {
      PATH: process.env.PATH,
      A: '1',
      OPENAI_API_KEY: 'k',
      OPENAI_ADMIN_KEY: 'k',
      CODEX_API_KEY: 'k',
      GATEWAY_KEY: 'k',
    };
    const names = (await output('env', '', { env, keyNames: ['GATEWAY_KEY'] }))
      .split('\n')
      .map((line) => line.split('=')[0]);
    assert.ok(names.includes('A'));
    assert.deepEqual(
      names.filter((name) => name?.endsWith('KEY')),
      [],
    );
  });

  it('renders each element of a list by itself, its paths relative to the working folder', async () => {
    const folders = new Set<string | undefined>();
    const template: StepEnvironment['template'] = (text, folder) => {
      folders.add(folder);
      return rendering((flow) => text.replace('{{{previous}}}', () => `<${flow.output} $&>`));
    };
    const line = ['printf', '%s,', 'a{{{previous}}}', 'b'];
    assert.equal(await output(line, 'x y', { template }), 'a<x y $&>,b,');
    assert.deepEqual([...folders], [tmpdir()]);
  });

  const failures: [string, Line, object][] = [
    [
      'a non-zero exit as exit, with the end of stderr',
      'echo one >&2; echo two >&2; exit 3',
      { kind: 'exit', exitCode: 3, message: 'the shell line ended with exit code 3: one | two' },
    ],
    [
      'a silent non-zero exit',
      ['false'],
      { kind: 'exit', exitCode: 1, message: 'false ended with exit code 1' },
    ],
    [
      'a killed program as exit, naming the signal',
      'kill -KILL $$',
      { kind: 'exit', exitCode: undefined, message: /was killed by SIGKILL/ },
    ],
    [
      'invalid UTF-8 as bad_output, with the place',
      ['printf', 'a\\377'],
      { kind: 'bad_output', message: 'the output is not UTF-8: invalid byte 0xff at position 1' },
    ],
    [
      'UTF-16 as bad_output, by its name',
      ['printf', '\\377\\376a\\0'],
      { kind: 'bad_output', message: /^the output is UTF-16, not UTF-8; convert it: iconv/ },
    ],
    ['a NUL in an argument as input', ['echo', 'a\0'], { kind: 'input', message: /NUL/ }],
    [
      'an over-long argument as input',
      ['echo', 'x'.repeat(3_000_000)],
      { kind: 'input', message: /too long/ },
    ],
  ];
  for (const [what, line, expected] of failures) {
    it(`fails ${what}`, () => assert.rejects(output(line), expected));
  }

  it('ends a program that writes without end, and says how to go about it', async () => {
    await assert.rejects(output(['yes']), {
      kind: 'bad_output',
      message: 'the output is larger than 64 MiB',
      hint: 'Have the program write to a file and print its path.',
    });
  });

  it('takes an output that is as large as it may be', async () => {
    assert.equal((await output(['head', '-c', String(64 * 2 ** 20), '/dev/zero'])).length, 64 * 2 ** 20);
  });

  it('bounds the message of a program that writes much to stderr', async () => {
    const noisy = output('yes "$(printf "\\033[31mred")" | head -c 1000000 >&2; exit 1');
    await assert.rejects(noisy, ({ message }: Error) => {
      assert.ok(message.length < 600);
      assert.match(message, /: …[red |]+$/);
      return true;
    });
  });

  it('ends with its group when the signal aborts', async () => {
    const controller = new AbortController();
    const step = await cmd.create({ type: 'cmd', cmd: 'sleep 60 & wait' }, setup());
    const running = step.run(flowWith(''), contextWith(controller.signal));
    setTimeout(() => controller.abort(new Error('enough')), 100);
    await assert.rejects(Promise.resolve(running), /enough/);
    assert.equal(step.settles, true);
  });
});

describe('cmd, before anything is started', () => {
  const mistakesOf = (line: Line) => cmd.mistakes?.({ type: 'cmd', cmd: line }) ?? [];

  it('refuses a placeholder in a string and shows the way', () => {
    const [mistake, ...more] = mistakesOf('wc -l {{{foo.path}}} {{{bar}}}');
    assert.equal(mistake?.field, 'cmd');
    assert.ok(mistake?.message.includes('["sh", "-c", "wc -l \\"$1\\"", "sh", "{{{foo.path}}}"]'));
    assert.deepEqual(more, []);
  });

  it('refuses a NUL, wherever it stands', () => {
    const message = 'holds a NUL character, which no program can be given';
    assert.deepEqual(mistakesOf('echo a\0'), [{ field: 'cmd', message }]);
    assert.deepEqual(mistakesOf(['echo', 'a', 'b\0c']), [{ field: 'cmd[2]', message }]);
  });

  for (const line of ['echo {{{ a }}}', 'echo \\{{{a}}}', 'echo {{{}}}', "awk '{{{print}}'", 'ls']) {
    it(`takes ${line} for plain text`, () => assert.deepEqual(mistakesOf(line), []));
  }

  it('allows placeholders in a list, and names where they stand', () => {
    const line = ['cat', '{{{foo.path}}}'];
    assert.deepEqual(mistakesOf(line), []);
    assert.deepEqual(cmd.templates({ type: 'cmd', cmd: line }), [
      { field: 'cmd[0]', text: 'cat' },
      { field: 'cmd[1]', text: '{{{foo.path}}}' },
    ]);
  });

  const refused: [string, Line, Partial<StepEnvironment>, RegExp][] = [
    [
      'a program that is missing',
      ['no-such', 'x'],
      {},
      /^steps\[0\]\.cmd\[0\]: cannot start "no-such": there is no such program on PATH; install/,
    ],
    ['a path that is missing', ['./no-such'], {}, /"\.\/no-such": there is no such program in \//],
    [
      'a file that is no program',
      ['/etc/passwd'],
      {},
      /it isn't executable; make it so: chmod \+x \/etc\/passwd/,
    ],
    ['a shell line in a list', ['ls -l'], {}, /a string, not a list/],
    ['a working folder that is missing', 'ls', { workdir: '/no/such' }, /folder \/no\/such .*--workdir/],
  ];
  for (const [what, line, overrides, message] of refused) {
    it(`refuses ${what}`, () =>
      assert.rejects(output(line, '', overrides), (error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, message);
        return true;
      }));
  }

  it('finds a program by a path relative to the working folder', async () => {
    const workdir = await mkdtemp(join(tmpdir(), 'cmd-'));
    await writeFile(join(workdir, 'tool'), '#!/bin/sh\necho mine', { mode: 0o700 });
    assert.equal(await output(['./tool'], '', { workdir }), 'mine');
  });

  it('leaves a program whose name is a placeholder for later', async () => {
    await cmd.create({ type: 'cmd', cmd: ['{{{tool}}}'] }, setup());
  });

  for (const value of ['', [], [1], 3]) {
    it(`has no use for ${JSON.stringify(value)}`, () =>
      assert.equal(cmd.fields.safeParse({ cmd: value }).success, false));
  }
});
