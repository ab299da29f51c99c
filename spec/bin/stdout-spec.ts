import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { folderWith } from '../helpers/folder.js';
import { type LlmServer, llmServer } from '../helpers/llm-server.js';
import { descendants, ranAhead, recordsIn, runBin, runLine, start, until } from '../helpers/program.js';

/** A list of so many files, their contents their numbers, and a config for it. */
function numbered(count: number, steps: readonly object[]): string {
  const names = Array.from({ length: count }, (_, n) => `n${n}`);
  return folderWith({
    'config.json': JSON.stringify(steps),
    'list.txt': names.join('\n'),
    ...Object.fromEntries(names.map((name, n) => [name, String(n)])),
  });
}

const args = ['run', 'config.json', '--key', 'n:list.txt'];
const ask = { type: 'openai', prompt: '{{{n}}}' };
/** A megabyte that ends with the number. */
const inflate = {
  type: 'cmd',
  cmd: ['sh', '-c', 'head -c 1000000 /dev/zero | tr "\\0" x; echo "$1"', 'sh', '{{{n}}}'],
};

/** The first so many flows write at once, the others where nobody reads any more (`closed` is there); the fourth never ends. */
function afterTheFirst(count: number) {
  const wait = 'until test -e closed; do sleep 0.02; done';
  const script = `test "$1" -lt ${count} && exit; test "$1" = 3 && exec sleep 600; ${wait}`;
  return { type: 'cmd', cmd: ['sh', '-c', script, 'sh', '{{{n}}}'] };
}

function envFor(llm: LlmServer) {
  return { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: llm.baseUrl };
}

/** A line for bash that tells the exit code of the program, whatever the reader makes of its output. */
function pipedInto(reader: string, options = ''): string {
  return `$orchestrator ${args.join(' ')} ${options} | ${reader}; echo "\${PIPESTATUS[0]}" > code`;
}

describe('bin: stdout', () => {
  it('closed by head ends the run and its flows in flight at once, quietly', async () => {
    const cwd = numbered(9, [afterTheFirst(2)]);
    const { stdout, stderr } = await runLine(pipedInto('(head -2; exec <&-; touch closed)', '--parallel 4'), {
      cwd,
    });
    assert.equal(recordsIn({ stdout }).length, 2);
    assert.equal(readFileSync(join(cwd, 'code'), 'utf8'), '141\n');
    assert.match(stderr, /^(cmd: \d \| \d\/9( \| eta [^|\n]+)?\n)*$/);
  });

  it('closed by its reader leaves no process', async () => {
    const cwd = numbered(4, [afterTheFirst(1)]);
    const program = start([...args, '--progress', 'none'], { cwd });
    await until('a record came', () => program.told.stdout.includes('\n'));
    program.stdout.destroy();
    writeFileSync(join(cwd, 'closed'), '');
    const { code, stderr } = await program.ended;
    assert.deepEqual([code, stderr], [141, '']);
    assert.deepEqual(descendants(program.mark), []);
  });

  it('without a reader stops the admission of flows, and loses nothing', async () => {
    await using llm = await llmServer();
    llm.reply({ text: 'ok' });
    const cwd = numbered(24, [ask, inflate]);
    const program = start([...args, '--parallel', '3'], { cwd, env: envFor(llm), unread: true });
    await until('the first records are stuck', () => llm.requests.length >= 3);
    let seen = 0;
    for (let quiet = 0; quiet < 25; quiet++) {
      if (llm.requests.length !== seen) quiet = 0;
      seen = llm.requests.length;
      await delay(20);
    }
    // A record is bigger than a pipe: at most one of them has left.
    assert.ok(seen <= 4, `${seen} flows were admitted`);
    program.read();
    const { code, stdout } = await program.ended;
    const numbers = recordsIn({ stdout }).map(({ output }) => Number(output?.slice(1_000_000)));
    assert.equal(code, 0);
    assert.deepEqual(
      numbers.sort((a, b) => a - b),
      Array.from({ length: 24 }, (_, n) => n),
    );
    assert.equal(llm.requests.length, 24);
  });

  it('that is read slowly loses nothing, and warns of nothing', async () => {
    const cwd = numbered(40, [
      { type: 'cmd', cmd: ['sh', '-c', 'head -c 100000 /dev/zero | tr "\\0" x; echo "$1"', 'sh', '{{{n}}}'] },
    ]);
    const reader =
      'while IFS= read -r -N 262144 part || [ -n "$part" ]; do printf %s "$part"; sleep 0.01; done';
    const { stdout, stderr } = await runLine(pipedInto(reader, '--parallel 20'), { cwd });
    assert.equal(recordsIn({ stdout }).length, 40);
    assert.equal(readFileSync(join(cwd, 'code'), 'utf8'), '0\n');
    assert.match(stderr, /^(cmd: \d+ \| \d+\/40( \| eta [^|\n]+)?\n)*$/);
  });

  it('can be a file', async () => {
    const cwd = numbered(5, [ask]);
    const { code, stdout } = await runLine(`$orchestrator ${args.join(' ')} --simulate > out.ndjson`, {
      cwd,
    });
    assert.deepEqual([code, stdout], [0, '']);
    assert.equal(recordsIn({ stdout: readFileSync(join(cwd, 'out.ndjson'), 'utf8') }).length, 5);
  });

  it('that is full fails the run', async function () {
    if (!existsSync('/dev/full')) this.skip();
    const cwd = numbered(5, [ask]);
    const { code, stderr } = await runLine(`$orchestrator ${args.join(' ')} --simulate > /dev/full`, { cwd });
    assert.equal(code, 70);
    assert.match(stderr, /error: cannot write the results: ENOSPC/);
    assert.doesNotMatch(stderr, /internal fault/);
  });

  for (const command of ['run config.json', 'results last', 'plan config.json', '--help']) {
    it(`closed before the start of ${command} is a mistake, and nothing is started`, async () => {
      const steps = [{ type: 'cmd', cmd: 'echo x; touch started' }];
      const cwd = folderWith({ 'config.json': JSON.stringify(steps) });
      if (command.endsWith('last')) await runBin(['run', 'config.json'], { cwd });
      rmSync(join(cwd, 'started'), { force: true });
      const { code, stderr } = await runLine(`$orchestrator ${command} >&-`, { cwd });
      assert.equal(code, 2);
      assert.match(stderr, /^error: stdout: it is closed, so the results would be lost; redirect it/);
      assert.equal(existsSync(join(cwd, 'started')), false);
    });
  }

  const others: [what: string, line: string][] = [
    ['gets the records where stderr is closed', '2>&-'],
    ['gets the records where stdin is closed', '<&-'],
    ['gets the records where stderr is full', '2>/dev/full'],
    ['may be thrown away', '> /dev/null'],
    ['may be missing where all is, as in a daemon', '< /dev/null <> /dev/null >&0 2>&0'],
  ];
  for (const [what, redirection] of others) {
    it(what, async () => {
      const cwd = folderWith({ 'config.json': JSON.stringify([{ type: 'cmd', cmd: 'echo x' }]) });
      const { code, stdout } = await runLine(`$orchestrator run config.json ${redirection}`, { cwd });
      const isSeen = what.startsWith('gets');
      assert.deepEqual([code, recordsIn({ stdout }).length], [0, isSeen ? 1 : 0]);
    });
  }

  for (const command of ['--help', 'run --help', '--version', 'run config.json --progress none']) {
    it(`closed before the output of ${command} could be written isn't a fault`, async () => {
      const cwd = folderWith({ 'config.json': JSON.stringify([{ type: 'cmd', cmd: 'true' }]) });
      const later = `until test -e closed; do sleep 0.05; done; $orchestrator ${command}; echo $? > code`;
      const { stderr } = await runLine(`(${later}) | (exec <&-; touch closed)`, { cwd });
      assert.deepEqual([stderr, readFileSync(join(cwd, 'code'), 'utf8')], ['', '141\n']);
    });
  }

  const outputs: [what: string, cmd: string, printed: string][] = [
    ['without a final newline', 'printf text', 'text\n'],
    ['with one', 'echo text', 'text\n'],
    ['with several', 'printf "a\\n\\nb\\n\\n\\n"', 'a\n\nb\n'],
    ['that is empty', 'true', '\n'],
    ['in other letters', 'printf "zażółć 🙂"', 'zażółć 🙂\n'],
  ];
  const printedOf = ranAhead(outputs, ([, cmd]) => {
    const cwd = folderWith({ 'config.json': JSON.stringify([{ type: 'cmd', cmd }]) });
    return runBin(['run', 'config.json', '--print', 'output'], { cwd });
  });
  for (const row of outputs) {
    const [what, , printed] = row;
    it(`gets an output ${what} ended by one newline with --print output`, () => {
      const { code, stdout } = printedOf(row);
      assert.deepEqual([code, stdout], [0, printed]);
    });
  }

  it('gets nothing of a failed flow with --print output', async () => {
    const cwd = numbered(3, [
      { type: 'cmd', cmd: ['sh', '-c', 'echo "$1"; test "$1" != 1', 'sh', '{{{n}}}'] },
    ]);
    const { code, stdout } = await runBin([...args, '--print', 'output', '--ordered'], { cwd });
    assert.deepEqual([code, stdout], [1, '0\n2\n']);
  });

  it('gets the records in flow order with --ordered, whatever takes longest', async () => {
    const cwd = numbered(6, [
      { type: 'cmd', cmd: ['sh', '-c', 'sleep 0.$((5 - $1)); echo "$1"', 'sh', '{{{n}}}'] },
    ]);
    const { stdout } = await runBin([...args, '--parallel', '6', '--ordered'], { cwd });
    assert.deepEqual(
      recordsIn({ stdout }).map(({ output }) => output),
      ['0', '1', '2', '3', '4', '5'],
    );
  });

  it('gets a lone surrogate as whole JSON', async () => {
    await using llm = await llmServer();
    const output = [
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'x\ud800y' }] },
    ];
    llm.reply({ json: { object: 'response', status: 'completed', model: 'm', output } });
    const cwd = numbered(1, [ask]);
    const { stdout } = await runBin(args, { cwd, env: envFor(llm) });
    assert.match(recordsIn({ stdout })[0]?.output ?? '', /^x.y$/su);
  });
});
