import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lastValueFrom } from 'rxjs';
import { run } from '../../lib/index.js';
import { lookUp } from '../../lib/processes/table.js';
import { codexBins, codexPlace, requireCodex, sandboxWorks } from '../helpers/codex.js';
import { runningIn } from '../helpers/codex-stage.js';
import { folderWith } from '../helpers/folder.js';
import {
  bin,
  descendants,
  type Program,
  ranAhead,
  recordsIn,
  runBin,
  start,
  startLine,
  until,
} from '../helpers/program.js';
import {
  command,
  message,
  type Received,
  type ResponsesServer,
  responsesServer,
  type Turn,
} from '../helpers/responses-server.js';

/** Does to the program what it is told on stdin; as a step it does nothing. */
const LISTENER = `
  process.stdin.once('data', (word) => {
    if (String(word) === 'throw') throw new Error('of the spec');
    if (String(word) === 'reject') Promise.reject(new Error('of the spec'));
    if (String(word) === 'exit') process.exit(5);
  });
  export default { kind: 'run', name: 'listen', type: 'function', run: (flow) => flow.output };
`;
const listen = { type: 'module', module: './listen.mjs' };

/** What a flow is to do: the second one when nobody reads any more. */
const files = {
  'listen.mjs': LISTENER,
  'next.json': '[{"type":"cmd","cmd":["true"]}]',
  'list.txt': 'a\nb\nc\n',
  a: 'answer-at-once',
  b: 'answer-at-once later',
  c: 'stay',
};

/** A shell and its child; both ignore TERM, and hold stdout open. */
const STUBBORN = 'trap "" TERM; (trap "" TERM; while :; do sleep 0.1; done) & touch up; wait';

const UNREAD = 'case "$1" in *later) until test -e closed; do sleep 0.05; done;; esac';

interface Stage {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly program: Program;
  readonly server: ResponsesServer;
}

/** Answers what asks for it, and nothing else. */
function hesitant({ body }: Received): Turn {
  return body.includes('answer-at-once') ? { items: [message('ok')] } : 'hang';
}

interface Options {
  readonly args?: readonly string[];
  readonly turns?: (request: Received) => Turn;
}

/** Runs the steps, with a home and a server for codex. */
async function withSteps<T>(
  steps: readonly object[],
  test: (stage: Stage) => Promise<T>,
  { args = [], turns = hesitant }: Options = {},
): Promise<T> {
  await using server = await responsesServer(turns);
  await using place = await codexPlace(codex, server.port);
  const { env } = place;
  const cwd = folderWith({ ...files, 'config.json': JSON.stringify(steps) });
  writeFileSync(join(cwd, 'launch'), `#!/bin/sh\n${codex} "$@"; exit $?`, { mode: 0o755 });
  const program = start(['run', 'config.json', '--progress', 'none', ...args], { cwd, env });
  return await test({ cwd, env, program, server });
}

/** What is left of it after half a minute (KILL comes after five seconds); tells sooner that nothing is. */
async function leftOf({ mark }: Program): Promise<number[]> {
  const deadline = performance.now() + 30_000;
  while (descendants(mark).length > 0 && performance.now() < deadline) await delay(50);
  return descendants(mark);
}

/** What runs when the program dies. */
interface Work {
  readonly what: string;
  readonly step: object;
  isUp(stage: Stage): boolean;
}

const shell: Work = {
  what: 'a shell whose child ignores TERM',
  step: { type: 'cmd', cmd: STUBBORN },
  isUp: ({ cwd }) => existsSync(join(cwd, 'up')),
};
const agent: Work = {
  what: "codex, started by a script that starts npm's launcher",
  step: { type: 'codex', prompt: 'Say hello', env: ['MARK'], bin: './launch' },
  isUp: ({ server }) => server.received.length > 0,
};

interface Death {
  readonly how: string;
  readonly code: number;
  die(program: Program): void | Promise<void>;
}

const deaths: Death[] = [
  { how: 'a second SIGINT', code: 130, die: interruptTwice },
  { how: 'SIGTERM', code: 130, die: ({ kill }) => kill('SIGTERM') },
  { how: 'SIGHUP', code: 130, die: ({ kill }) => kill('SIGHUP') },
  { how: 'an error that nobody catches', code: 70, die: ({ write }) => write('throw') },
  { how: 'a rejection that nobody handles', code: 70, die: ({ write }) => write('reject') },
  { how: 'an exit in the midst of it', code: 5, die: ({ write }) => write('exit') },
];

/** The first one lets what is in flight finish. */
async function interruptTwice({ kill, told }: Program): Promise<void> {
  kill('SIGINT');
  await until('the first one is heard', () => told.stderr.includes('interrupted'));
  kill('SIGINT');
}

let codex: string;

describe('bin: no process outlives the program', () => {
  before(function () {
    codex = requireCodex(this);
  });

  describe('whichever way it dies', () => {
    const rows = [shell, agent].flatMap((work) => deaths.map((death) => ({ ...work, ...death })));
    const endOf = ranAhead(rows, ({ step, isUp, die }) =>
      withSteps([listen, step], async (stage) => {
        await until('it is up', () => isUp(stage));
        await die(stage.program);
        const left = await leftOf(stage.program);
        return { left, code: (await stage.program.ended).code };
      }),
    );
    for (const row of rows) {
      it(`${row.how} ends ${row.what}`, () => assert.deepEqual(endOf(row), { left: [], code: row.code }));
    }
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`${signal} ends what the library has started in a program of the user's`, async () => {
      const program = `
        import { run } from ${JSON.stringify(resolve(bin, '../../dist/index.js'))};
        run({ steps: [{ type: 'cmd', cmd: 'sleep 60 & touch up; wait' }] }).results$.subscribe();
      `;
      const cwd = folderWith({ 'own.mjs': program });
      const own = startLine(`exec ${process.execPath} own.mjs`, { cwd });
      await until('it is up', () => existsSync(join(cwd, 'up')));
      own.kill(signal);
      assert.equal((await own.ended).signal, signal, 'it dies as it would without the library');
      assert.deepEqual(await leftOf(own), []);
      assert.equal(existsSync(join(cwd, 'generated/.running')), false);
    });
  }

  it('a program of the user’s that listens for a signal once goes on', async () => {
    const program = `
      import { run } from ${JSON.stringify(resolve(bin, '../../dist/index.js'))};
      const controller = new AbortController();
      process.once('SIGINT', () => controller.abort());
      run({ steps: [{ type: 'cmd', cmd: 'touch up; sleep 60' }], signal: controller.signal }).results$.subscribe({
        next: ({ status }) => console.log(status),
        complete: () => console.log('complete'),
      });
    `;
    const cwd = folderWith({ 'own.mjs': program });
    const own = startLine(`exec ${process.execPath} own.mjs`, { cwd });
    await until('it is up', () => existsSync(join(cwd, 'up')));
    own.kill('SIGINT');
    const { code, stdout } = await own.ended;
    assert.deepEqual([code, stdout, await leftOf(own)], [0, 'cancelled\ncomplete\n', []]);
  });

  const pause = { type: 'cmd', cmd: ['sh', '-c', UNREAD, 'sh', '{{{n}}}'] };
  const stay = { type: 'cmd', cmd: ['sh', '-c', `case "$1" in stay*) ${STUBBORN};; esac`, 'sh', '{{{n}}}'] };
  for (const { what, step } of [
    { ...shell, step: stay },
    { ...agent, step: { ...agent.step, prompt: '{{{n}}}' } },
  ]) {
    it(`a reader that goes away ends ${what}`, () =>
      withSteps(
        [pause, step],
        async ({ cwd, program }) => {
          await until('a record came', () => program.told.stdout.includes('\n'));
          // The next record finds that nobody reads any more; the third flow never gets there.
          program.stdout.destroy();
          writeFileSync(join(cwd, 'closed'), '');
          const { code } = await program.ended;
          assert.deepEqual([code, await leftOf(program)], [141, []]);
        },
        { args: ['--key', 'n:list.txt'] },
      ));
  }

  it('a step that failed leaves nothing behind in its group', () =>
    withSteps([{ type: 'cmd', cmd: `(${STUBBORN}) & exit 3` }], async ({ program }) => {
      const { code, stdout } = await program.ended;
      assert.equal(recordsIn({ stdout })[0]?.error?.exitCode, 3);
      assert.deepEqual([code, await leftOf(program)], [1, []]);
    }));

  it('codex that failed leaves no command of the model behind', function () {
    if (!sandboxWorks(codex)) this.skip();
    const turns = ({ body }: Received): Turn =>
      body.includes('function_call_output')
        ? { status: 400, error: { message: 'no more' } }
        : { items: [command('(trap "" TERM; sleep 60) & sleep 0.1; echo up')] };
    return withSteps(
      [agent.step],
      async ({ program }) => {
        const { code, stdout } = await program.ended;
        assert.match(recordsIn({ stdout })[0]?.error?.message ?? '', /no more/);
        assert.deepEqual([code, await leftOf(program)], [1, []]);
      },
      { turns },
    );
  });

  for (const { what, step, isUp } of [
    { ...shell, step: { type: 'cmd', cmd: ['sh', '-c', `sh -c '${STUBBORN}'; exit`] } },
    agent,
  ]) {
    it(`a launcher that is killed fails its step, and ${what} is ended`, () =>
      withSteps([step], async (stage) => {
        await until('it is up', () => isUp(stage));
        for (const pid of leadersOf(stage.program)) process.kill(pid, 'SIGKILL');
        const { code, stdout } = await stage.program.ended;
        assert.match(recordsIn({ stdout })[0]?.error?.message ?? '', /killed by SIGKILL/);
        assert.deepEqual([code, await leftOf(stage.program)], [1, []]);
      }));

    it(`after it was killed itself, the next run says how to end ${what}`, () =>
      withSteps([step], async (stage) => {
        const { cwd, env, program } = stage;
        await until('it is up', () => isUp(stage));
        const [leader = 0] = leadersOf(program);
        await until('it is noted', () => noted(cwd).includes(String(leader)));
        program.kill('SIGKILL');
        await program.ended;
        const next = () => runBin(['run', 'next.json', '--progress', 'none'], { cwd, env });
        const { code, stderr } = await next();
        assert.equal(code, 0);
        const [, told = ''] = stderr.match(/^warning: .* left .* running.*; end it with: (.*)$/m) ?? [];
        assert.equal(told, `kill -- -${leader}`);
        execFileSync('sh', ['-c', told]);
        // Some have no ear for it.
        if (descendants(program.mark).length > 0) process.kill(-leader, 'SIGKILL');
        await until('it is gone', () => descendants(program.mark).length === 0);
        assert.equal((await next()).stderr, '');
        assert.equal(existsSync(join(cwd, 'generated/.running')), false);
      }));
  }
});

describe('bin: daemons that steps have started', () => {
  const daemon =
    'setsid sleep 600 >/dev/null 2>&1 & until [ "$(ps -o sid= -p $!)" -eq $! ]; do sleep 0.02; done';

  before(function () {
    if (platform() !== 'linux') this.skip();
  });

  it('have ended when the run has', async () => {
    const cwd = folderWith({ 'config.json': JSON.stringify([{ type: 'cmd', cmd: daemon }]) });
    const program = start(['run', 'config.json', '--no-journal'], { cwd });
    const { code } = await program.ended;
    assert.deepEqual([code, descendants(program.mark), existsSync(join(cwd, 'generated'))], [0, [], false]);
  });

  it('have ended in a program of the user’s, too, when the last record has come', async () => {
    const mark = randomUUID();
    const env = { PATH: process.env.PATH, MARK: mark };
    const generated = join(folderWith(), 'generated');
    await lastValueFrom(run({ steps: [{ type: 'cmd', cmd: daemon }], env, generated }).results$);
    assert.deepEqual([descendants(mark), existsSync(generated)], [[], false]);
  });

  it('are named by the next run after it was killed, with what ends them', async () => {
    const steps = [
      { type: 'cmd', cmd: daemon },
      { type: 'cmd', cmd: `${daemon}; touch up; sleep 600` },
    ];
    const cwd = folderWith({ ...files, 'config.json': JSON.stringify(steps) });
    const program = start(['run', 'config.json'], { cwd });
    await until('it is up', () => existsSync(join(cwd, 'up')));
    program.kill('SIGKILL');
    await program.ended;
    const next = () => runBin(['run', 'next.json', '--progress', 'none'], { cwd });
    const lines = (await next()).stderr.trimEnd().split('\n');
    for (const line of lines) execFileSync('sh', ['-c', line.split('; end it with: ')[1] ?? 'false']);
    await until('they have ended', () => descendants(program.mark).length === 0);
    assert.equal((await next()).stderr, '');
    assert.equal(existsSync(join(cwd, 'generated/.running')), false);
  });

  for (const [name, bin] of Object.entries(codexBins)) {
    it(`have ended, too, where a command of the model has started them: ${name}`, async function () {
      requireCodex(this);
      await using server = await responsesServer(({ body }) =>
        body.includes('function_call_output')
          ? { items: [message('ok')] }
          : { items: [command(`(${daemon}; echo is up)`)] },
      );
      await using place = await codexPlace(bin, server.port);
      const { env, workdir, generated } = place;
      const steps = [{ type: 'codex', prompt: 'Serve', sandbox: 'danger-full-access' }];
      const options = { steps, env, workdir, generated, allowDanger: true };
      await lastValueFrom(run(options).results$);
      assert.ok(server.received.some(({ body }) => body.includes('is up\\n')));
      assert.deepEqual(runningIn(place), []);
    });
  }
});

/** What is noted of the programs that run. */
function noted(cwd: string): string {
  const folder = join(cwd, 'generated/.running');
  if (!existsSync(folder)) return '';
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
}

describe('a codex that is ended while it starts a command', () => {
  for (const [name, bin] of Object.entries(codexBins)) {
    it(`leaves nothing of it, whatever the moment: ${name}`, async function () {
      requireCodex(this);
      if (!sandboxWorks(bin)) this.skip();
      await using server = await responsesServer([{ items: [command('sleep 60')] }]);
      for (let n = 0; n < 5; n++) {
        await using place = await codexPlace(bin, server.port);
        const { env, workdir, generated } = place;
        const controller = new AbortController();
        const { signal } = controller;
        const steps = [{ type: 'codex', prompt: 'Sleep' }];
        const ended = lastValueFrom(run({ steps, env, workdir, generated, signal }).results$);
        await until('it begins', () => runningIn(place).some((line) => line.includes('sleep')));
        await delay(8 * n);
        controller.abort();
        await ended;
        await delay(300);
        await until('nothing of it runs', () => runningIn(place).length === 0);
      }
    });
  }
});

/** The leaders of the groups that it started. */
function leadersOf({ mark }: Program): number[] {
  return descendants(mark).filter((pid) => lookUp(pid)?.group === pid);
}
