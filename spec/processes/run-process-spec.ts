import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { getEventListeners, once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { type Command, endAll, type Reader, runProcess } from '../../lib/processes/run-process.js';
import { descendants, endProcess, until } from '../helpers/program.js';

const path = process.env.PATH;

function run(command: Partial<Command>, reader: Reader<Buffer> = buffer) {
  const whole = {
    file: 'true',
    args: [],
    cwd: tmpdir(),
    env: { PATH: path },
    stdin: '',
    signal: new AbortController().signal,
    ...command,
  };
  return runProcess(whole, reader, text);
}

/** A shell line, aborted once it printed something; `MARK` in its environment finds what it started. */
async function abortedWhen(line: string, options: Partial<Command> = {}): Promise<string> {
  const mark = randomUUID();
  const controller = new AbortController();
  const env = { PATH: path, MARK: mark };
  const running = run(
    { file: line, shell: true, env, signal: controller.signal, ...options },
    async (stream) => {
      for await (const _ of stream) controller.abort(new Error('enough'));
      return Buffer.alloc(0);
    },
  );
  await assert.rejects(running, /enough/);
  return mark;
}

function gone(mark: string): Promise<void> {
  return until('all of it has ended', () => descendants(mark).length === 0);
}

/** Begins a line for a process that isn't found any more when it has left its group and its parent. */
const UNMARKED = 'env -u ORCHESTRATOR_MARK';

/** Waits until the latest process in the background has a session of its own, within a shell line. */
const UNTIL_IT_LEFT = 'until [ "$(ps -o sid= -p $!)" -eq $! ]; do sleep 0.02; done';

/** What a test leaves behind because nothing may wait for it. */
const leftBehind: string[] = [];

afterEach(() => {
  for (const pid of leftBehind.splice(0).flatMap(descendants)) endProcess(pid);
});

describe('runProcess', () => {
  it('gives the child its stdin and returns all of its stdout, byte for byte', async () => {
    const stdin = 'é'.repeat(2_000_000);
    const { exitCode, signal, stdout } = await run({ file: 'cat', stdin });
    assert.equal(exitCode, 0);
    assert.equal(signal, null);
    assert.ok(stdout.equals(Buffer.from(stdin)));
  });

  it('closes stdin, also when there is nothing to write', async () => {
    assert.equal((await run({ file: 'wc', args: ['-c'] })).stdout.toString().trim(), '0');
  });

  it('does not mind a child that leaves a large stdin unread', async () => {
    assert.equal((await run({ file: 'true', stdin: 'x'.repeat(5_000_000) })).exitCode, 0);
  });

  it('tells the exit code and stderr of a child that failed', async () => {
    const { exitCode, stderr } = await run({ file: 'echo oh >&2; exit 3', shell: true });
    assert.equal(exitCode, 3);
    assert.equal(stderr, 'oh\n');
  });

  it('tells the signal that killed a child', async () => {
    const { exitCode, signal } = await run({ file: 'kill -9 $$', shell: true });
    assert.equal(exitCode, null);
    assert.equal(signal, 'SIGKILL');
  });

  it('gives the child that environment, a mark, and nothing else', async () => {
    process.env.SECRET_OF_THE_SPEC = 'x';
    const { stdout } = await run({ file: 'env', env: { PATH: path, A: '1' } });
    delete process.env.SECRET_OF_THE_SPEC;
    const [own, mark, ...others] = stdout.toString().trim().split('\n').sort();
    assert.deepEqual([own, ...others], ['A=1', `PATH=${path}`]);
    assert.match(mark ?? '', /^ORCHESTRATOR_MARK=[\da-f-]{36}\.\d+$/);
  });

  it('adds its mark to those that it was started with itself', async () => {
    process.env.ORCHESTRATOR_MARK = 'outer.1';
    const { stdout } = await run({ file: 'echo "$ORCHESTRATOR_MARK"', shell: true });
    delete process.env.ORCHESTRATOR_MARK;
    assert.match(stdout.toString(), /^outer\.1 [\da-f-]{36}\.\d+\n$/);
  });

  it('runs the child as the leader of its own process group', async () => {
    const { stdout } = await run({ file: 'ps -o pid=,pgid= -p $$', shell: true });
    const [pid, group] = stdout.toString().trim().split(/\s+/);
    assert.equal(pid, group);
  });

  const refused: [string, Partial<Command>, { kind: string; message: RegExp }][] = [
    [
      'a missing program',
      { file: 'no-such-program' },
      { kind: 'exit', message: /"no-such-program".*no such/ },
    ],
    [
      'a file that is no program',
      { file: '/etc/passwd' },
      { kind: 'exit', message: /passwd": it isn't executable$/ },
    ],
    ['a missing folder', { cwd: '/no/such/folder' }, { kind: 'exit', message: /folder \/no\/such\/folder/ }],
    ['an over-long argument', { args: ['x'.repeat(3_000_000)] }, { kind: 'input', message: /too long/ }],
    ['a NUL in an argument', { args: ['a', 'b\0c'] }, { kind: 'input', message: /argument 2 .*NUL/ }],
  ];
  for (const [what, command, expected] of refused) {
    it(`rejects ${what} as ${expected.kind}`, () => assert.rejects(run(command), expected));
  }

  it('starts nothing when the signal is aborted already', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await assert.rejects(run({ file: 'no-such-program', signal }), /too late/);
  });

  it('ends the whole group on abort', async () => {
    await gone(await abortedWhen('sleep 60 & sleep 60 & echo up; wait'));
  });

  it('ends on abort what has begun a group of its own, too', async () => {
    await gone(await abortedWhen('setsid sh -c "echo up; setsid sleep 60 & wait" & wait'));
  });

  it('ends on abort what has no ear for TERM and would leave that group again', async () => {
    await gone(await abortedWhen(`setsid sh -c 'trap "" TERM; echo up; sleep 0.3; setsid sleep 60' & wait`));
  });

  it('ends on abort what is stopped', async () => {
    await gone(await abortedWhen('echo up; kill -STOP $$'));
  });

  it('KILLs a group that ignores TERM after the grace', async () => {
    await gone(await abortedWhen('trap "" TERM; echo up; while :; do sleep 0.05; done', { graceMs: 200 }));
  });

  it('ends the group on abort when its leader has gone and a child holds stdout open', async () => {
    // Its leader has gone once that is reaped.
    const line = '(while kill -0 $$ 2>/dev/null; do sleep 0.02; done; echo up; sleep 600) & exit 0';
    await gone(await abortedWhen(line, { lingerMs: 600_000 }));
  });

  it('ends many groups at once', async () => {
    const mark = randomUUID();
    const env = { PATH: path, MARK: mark };
    const controllers = Array.from({ length: 30 }, () => new AbortController());
    let up = 0;
    const running = controllers.map(({ signal }) =>
      run({ file: 'echo up; exec sleep 600', shell: true, env, signal }, async (stream) => {
        for await (const _ of stream) up++;
        return Buffer.alloc(0);
      }),
    );
    await until('all are up', () => up === 30);
    for (const controller of controllers) controller.abort(new Error('enough'));
    for (const { status } of await Promise.allSettled(running)) assert.equal(status, 'rejected');
    await gone(mark);
  });

  it('ends on abort what has a session of its own, and a parent that has ended', async () => {
    await gone(await abortedWhen('(setsid sleep 600 &); echo up; sleep 600'));
  });

  it('does not wait on abort for what cannot be found and holds stdout open', async () => {
    leftBehind.push(await abortedWhen(`(${UNMARKED} setsid sleep 600 &); echo up; sleep 600`));
  });

  it('reads to the end what a child says when it is ended', async () => {
    const controller = new AbortController();
    let said = '';
    const file = 'trap "echo bye; exit" TERM; echo up; while :; do sleep 0.02; done';
    const running = run({ file, shell: true, signal: controller.signal }, async (stream) => {
      for await (const chunk of stream) {
        said += chunk;
        controller.abort(new Error('enough'));
        await delay(50);
      }
      return Buffer.alloc(0);
    });
    await assert.rejects(running, /enough/);
    assert.equal(said, 'up\nbye\n');
  });

  const left: [string, string][] = [
    ['in its group', 'sleep 600 >/dev/null 2>&1 & echo hi'],
    ['in a session of its own', `setsid sleep 600 >/dev/null 2>&1 & ${UNTIL_IT_LEFT}; echo hi`],
  ];
  for (const [where, line] of left) {
    it(`ends what a child left running ${where}`, async () => {
      const mark = randomUUID();
      leftBehind.push(mark);
      await run({ file: line, shell: true, env: { PATH: path, MARK: mark } });
      await gone(mark);
    });
  }

  it('leaves what other children have started running, and what is not marked by this process', async () => {
    const other = { PATH: path, MARK: randomUUID() };
    const controller = new AbortController();
    const stays = 'setsid sleep 600 & sleep 600';
    const running = run({ file: stays, shell: true, env: other, signal: controller.signal });
    const own = { PATH: path, MARK: randomUUID(), ORCHESTRATOR_MARK: `${randomUUID()}.1` };
    const sleep = spawn('sleep', ['600'], { env: own, detached: true, stdio: 'ignore' });
    leftBehind.push(own.MARK, other.MARK);
    await until('they run', () => descendants(other.MARK).length === 3);

    const ended = randomUUID();
    leftBehind.push(ended);
    const left = `setsid sleep 600 >/dev/null 2>&1 & ${UNTIL_IT_LEFT}`;
    await run({ file: left, shell: true, env: { PATH: path, MARK: ended } });
    await gone(ended);
    assert.equal(descendants(other.MARK).length, 3);
    assert.deepEqual(descendants(own.MARK), [sleep.pid]);
    controller.abort(new Error('enough'));
    await assert.rejects(running, /enough/);
    await gone(other.MARK);
  });

  const holders: [string, string][] = [
    ['a child in its group', 'sleep 600 & echo hi'],
    ['one that ignores TERM', '(trap "" TERM; while :; do sleep 0.05; done) & echo hi'],
    ['one with a session of its own', '(setsid sleep 600 &); echo hi'],
    ['one that cannot be found', `(${UNMARKED} setsid sleep 600 &); echo hi`],
  ];
  for (const [what, line] of holders) {
    it(`ends soon after its leader, with all that it wrote, though ${what} holds stdout open`, async () => {
      const mark = randomUUID();
      leftBehind.push(mark);
      const env = { PATH: path, MARK: mark };
      const { exitCode, stdout } = await run({ file: line, shell: true, env, graceMs: 600_000 });
      assert.deepEqual([exitCode, stdout.toString()], [0, 'hi\n']);
    });
  }

  it('loses nothing of a leader whose reader is slow, though a child holds stdout open', async () => {
    const mark = randomUUID();
    leftBehind.push(mark);
    const env = { PATH: path, MARK: mark };
    const line = `head -c 60000 /dev/zero; (${UNMARKED} setsid sleep 600 &); exit 0`;
    const { stdout } = await run({ file: line, shell: true, env }, async (stream) => {
      const chunks: Buffer[] = [];
      await delay(1000); // longer than it lingers
      for await (const chunk of stream) chunks.push(chunk);
      return Buffer.concat(chunks);
    });
    assert.equal(stdout.length, 60_000);
  });

  it('gives a moment to what the leader left to write', async () => {
    const line = '(sleep 0.1; echo late) & exit 0';
    const { stdout } = await run({ file: line, shell: true, lingerMs: 600_000 });
    assert.equal(stdout.toString(), 'late\n');
  });

  it('tells the end of a launcher that is killed, and ends what it launched', async () => {
    const mark = randomUUID();
    const env = { PATH: path, MARK: mark };
    // The shell is the launcher, and is killed once the other one is up.
    const line = '(echo up; kill -9 $$; exec sleep 600) & wait';
    const { signal, stdout } = await run({ file: line, shell: true, env, stdin: 'x'.repeat(1_000_000) });
    assert.deepEqual([signal, stdout.toString()], ['SIGKILL', 'up\n']);
    await gone(mark);
  });

  it('ends the child and rejects when a reader fails', async () => {
    const running = run({ file: 'echo up; sleep 60', shell: true }, async (stream) => {
      for await (const _ of stream) throw new Error('disk full');
      return Buffer.alloc(0);
    });
    await assert.rejects(running, /disk full/);
  });

  it('starts a child again that a signal for our group killed before its program began', async () => {
    const times = 30;
    const fixture = join(import.meta.dirname, '../fixtures/start-many.ts');
    const args = ['--import', 'tsx', fixture, String(times)];
    const program = spawn(process.execPath, args, { detached: true, env: { PATH: path } });
    let said = '';
    program.stdout.on('data', (chunk) => {
      said += chunk;
    });
    let isOver = false;
    const ended = once(program, 'close');
    program.once('exit', () => {
      isOver = true;
    });
    await until('it is up', () => said.startsWith('up'));
    // Less and less often until the next one is through: on a busy machine, too, one start fits in between.
    for (let [seen, ms] = ['', 2]; !isOver; ms = said === seen ? 1.5 * ms : 2) {
      seen = said;
      process.kill(-Number(program.pid), 'SIGINT');
      await delay(ms);
    }
    await ended;
    assert.equal(said, `up\n${'0 null hi\n'.repeat(times)}`);
  });

  it('leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    await run({ signal });
    assert.deepEqual(getEventListeners(signal, 'abort'), []);
  });
});

describe('endAll', () => {
  it('kills every running group at once', async () => {
    let up = 0;
    const running = [1, 2].map(() =>
      run({ file: 'echo up; sleep 60 & wait', shell: true }, async (stream) => {
        for await (const _ of stream) up++;
        return Buffer.alloc(0);
      }),
    );
    await until('both run', () => up === 2);
    endAll('SIGKILL');
    for (const { signal } of await Promise.all(running)) assert.equal(signal, 'SIGKILL');
  });

  it('is done when the process exits, so that nothing is orphaned', async () => {
    const mark = randomUUID();
    const program = join(import.meta.dirname, '../fixtures/leave-a-child.ts');
    const { status } = spawnSync(process.execPath, ['--import', 'tsx', program], {
      env: { PATH: path, MARK: mark },
    });
    assert.equal(status, 7);
    await gone(mark);
  });

  it('is found on this system: the tests above can list processes by their environment', () => {
    const mark = randomUUID();
    const own = execFileSync('sh', ['-c', 'tr "\\0" "\\n" < /proc/$$/environ'], { env: { MARK: mark } });
    assert.match(own.toString(), new RegExp(mark));
  });
});
