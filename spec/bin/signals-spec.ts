import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from '../helpers/folder.js';
import { llmServer } from '../helpers/llm-server.js';
import { descendants, recordsIn, runLine, start, until } from '../helpers/program.js';

const lists = { 'list.txt': 'a.md\nb.md\nc.md\n', 'a.md': 'a', 'b.md': 'b', 'c.md': 'c' };
const args = ['run', 'config.json', '--key', 'foo:list.txt', '--parallel', '2'];

/** A command that tells by a file that it runs; what `line` starts runs until it is ended. */
function sleeping(line: string): string {
  const cmd = ['sh', '-c', `touch "up-$1"; ${line}`, 'sh', '{{{foo.file}}}'];
  return folderWith({ ...lists, 'config.json': JSON.stringify([{ type: 'cmd', cmd }]) });
}

async function twoAreUp(cwd: string): Promise<void> {
  await until(
    'two commands run',
    () => readdirSync(cwd).filter((name) => name.startsWith('up-')).length === 2,
  );
}

/** Whether it has a handler for SIGHUP, the first signal: node itself has some for SIGINT and SIGTERM. */
function catchesHangup(pid: number): boolean {
  const mask = /^SigCgt:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return (BigInt(`0x${mask}`) & 1n) !== 0n;
}

describe('bin: signals', () => {
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    it(`${signal} ends flows in flight, as cancelled records`, async () => {
      const cwd = sleeping('sleep 60 & sleep 60');
      const program = start(args, { cwd });
      await twoAreUp(cwd);
      program.kill(signal);
      const { code, stdout, stderr } = await program.ended;
      assert.equal(code, 130);
      const records = recordsIn({ stdout });
      assert.deepEqual(
        records.map(({ status, error, output }) => [status, error?.kind, output]),
        Array(2).fill(['cancelled', 'cancelled', null]),
      );
      assert.deepEqual(descendants(program.mark), []);
      assert.equal(existsSync(join(cwd, 'up-c.md')), false);
      assert.match(stderr, /interrupted: ending flows in flight \(once more to end at once\)/);
      assert.doesNotMatch(stderr, /failed/);
    });
  }

  it('the first Ctrl-C admits no more flows; flows in flight finish, and the last line says how to resume', async () => {
    const cwd = sleeping('while ! test -e go; do sleep 0.05; done');
    const program = start(args, { cwd });
    await twoAreUp(cwd);
    program.kill('SIGINT');
    await until('it is heard', () => program.told.stderr.includes('interrupted'));
    writeFileSync(join(cwd, 'go'), '');
    const { code, stdout, stderr } = await program.ended;
    assert.equal(code, 130);
    assert.deepEqual(
      recordsIn({ stdout }).map(({ status }) => status),
      ['done', 'done'],
    );
    assert.match(stderr, /interrupted: no new flows, flows in flight finish \(once more to cancel them\)/);
    assert.match(stderr, /\nresume with: orchestrator run --resume [\w-]+\n$/);
    const resumed = await start(['run', '--resume', 'last'], { cwd }).ended;
    assert.equal(resumed.code, 0);
    // What is new begins first, and takes its time.
    const records = recordsIn(resumed);
    assert.deepEqual(
      records.map(({ status }) => status),
      ['done', 'done', 'done'],
    );
    assert.equal(records.filter(({ steps }) => steps[0]?.replayed).length, 2);
  });

  it('the second Ctrl-C cancels flows in flight, the third ends programs that ignore it at once', async () => {
    const cwd = sleeping('trap "" TERM INT; while :; do sleep 0.1; done');
    const program = start(args, { cwd });
    await twoAreUp(cwd);
    const heard = async (word: string) => {
      program.kill('SIGINT');
      await until(`${word} is said`, () => program.told.stderr.includes(word));
    };
    await heard('no new flows');
    await heard('ending flows in flight');
    program.kill('SIGINT');
    const { code, stdout, stderr } = await program.ended;
    assert.deepEqual([code, stdout], [130, ''], 'it did not wait for their records');
    assert.match(stderr, /\nresume with: orchestrator run --resume [\w-]+\n$/);
    await until('the commands are gone', () => descendants(program.mark).length === 0);
  });

  it('end a request and what waits for its second attempt, too', async () => {
    await using llm = await llmServer();
    llm
      .reply({ status: 503, error: { message: 'later' }, retryAfter: 600 }, { when: 'aa' })
      .reply({ raw: () => {} });
    const step = { type: 'openai', prompt: '{{{foo}}}{{{foo}}}' };
    const cwd = folderWith({ ...lists, 'config.json': JSON.stringify([step]) });
    const env = { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: llm.baseUrl };
    const program = start(args, { cwd, env });
    await until('two requests came', () => llm.requests.length === 2);
    program.kill('SIGTERM');
    const { code, stdout } = await program.ended;
    assert.deepEqual(
      [code, recordsIn({ stdout }).map(({ status }) => status)],
      [130, ['cancelled', 'cancelled']],
    );
  });

  for (const signals of [['SIGTERM'], ['SIGHUP'], ['SIGINT', 'SIGINT']] as const) {
    it(`${signals.join(' and ')} during the checks end with 130 and what was asked of programs`, async () => {
      const step = { type: 'codex', prompt: 'x', bin: './codex' };
      const cwd = folderWith({
        'config.json': JSON.stringify([step]),
        codex: '#!/bin/sh\ntouch up\nsleep 60\n',
        'home/config.toml': '',
      });
      chmodSync(join(cwd, 'codex'), 0o755);
      const env = { CODEX_HOME: join(cwd, 'home') };
      const program = start(['run', 'config.json'], { cwd, env });
      await until('codex is asked', () => existsSync(join(cwd, 'up')));
      for (const [at, signal] of signals.entries()) {
        program.kill(signal);
        const word = at === signals.length - 1 ? 'ending flows' : 'no new flows';
        await until(`${word} is said`, () => program.told.stderr.includes(word));
      }
      const { code, stdout } = await program.ended;
      assert.deepEqual([code, stdout], [130, '']);
      assert.deepEqual(descendants(program.mark), []);
    });
  }

  for (const [list, what] of [
    ['-', 'a list is read'],
    ['pipe', 'a named pipe has no writer'],
  ] as const) {
    it(`end with 130 while ${what}`, async () => {
      const cwd = sleeping('true');
      execFileSync('mkfifo', [join(cwd, 'pipe')]);
      const program = start(['run', 'config.json', '--key', `foo:${list}`], { cwd });
      await until('it listens', () => descendants(program.mark).some(catchesHangup));
      program.kill('SIGTERM');
      const { code, stdout } = await program.ended;
      assert.deepEqual([code, stdout], [130, '']);
    });
  }

  const starts = { nohup: 'nohup $orchestrator', "trap '' HUP": "trap '' HUP; $orchestrator" };
  for (const [how, line] of Object.entries(starts)) {
    it(`stay ignored where they were when the program started: ${how}`, async () => {
      const cwd = sleeping('kill -HUP "$PPID"; echo fine');
      const { code, stdout } = await runLine(`${line} ${args.join(' ')}; exit $?`, { cwd });
      assert.deepEqual([code, recordsIn({ stdout }).map(({ output }) => output)], [0, Array(3).fill('fine')]);
    });
  }

  it('keep what was done before', async () => {
    const cwd = sleeping('test "$1" = a.md && exit; sleep 60');
    const program = start([...args, '--ordered'], { cwd });
    await until('the last one runs', () => existsSync(join(cwd, 'up-c.md')));
    program.kill('SIGTERM');
    const { code, stdout } = await program.ended;
    const statuses = recordsIn({ stdout }).map(({ status }) => status);
    assert.deepEqual([code, statuses], [130, ['done', 'cancelled', 'cancelled']]);
  });
});
