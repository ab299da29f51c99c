import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Artefacts } from '../../lib/artefacts.js';
import { StepFailure } from '../../lib/errors.js';
import type { CodexConfig } from '../../lib/steps/codex/config.js';
import { codex } from '../../lib/steps/codex.js';
import type { Setup } from '../../lib/steps/contract.js';
import { codexPlace, FAKE_KEY, type Place, requireCodex, sandboxWorks } from '../helpers/codex.js';
import {
  command,
  message,
  type ResponsesServer,
  responsesServer,
  type Turn,
} from '../helpers/responses-server.js';
import { contextWith, flowWith, setup } from '../helpers/setup.js';

interface Stage {
  readonly server: ResponsesServer;
  readonly place: Place;
  /** Runs the step once. */
  run(config?: Partial<CodexConfig>, overrides?: Partial<Setup>): Promise<string>;
  readonly context: ReturnType<typeof contextWith>;
  /** The artefact folder of the one run. */
  folder(): string;
}

describe('codex, the real binary against a loopback server', () => {
  let bin: string;

  before(function () {
    bin = requireCodex(this);
  });

  async function withTurns(
    turns: readonly Turn[],
    test: (stage: Stage) => Promise<void>,
    signal?: AbortSignal,
  ) {
    await using server = await responsesServer(turns);
    await using place = await codexPlace(bin, server.port);
    const context = contextWith(signal);
    const folder = () => {
      const [only = '', ...others] = readdirSync(place.generated);
      assert.deepEqual(others, []);
      return join(place.generated, only);
    };
    const run = async (config: Partial<CodexConfig> = {}, overrides: Partial<Setup> = {}) => {
      const { workdir, env, generated } = place;
      const whole = setup({ workdir, env, artefacts: new Artefacts(generated), ...overrides });
      const step = await codex.create({ type: 'codex', prompt: 'Say hello', ...config }, whole);
      return step.run(flowWith(''), context);
    };
    await test({ server, place, run, context, folder });
  }

  async function failureOf(running: Promise<string>): Promise<StepFailure> {
    const error = await running.then(
      () => assert.fail('it succeeded'),
      (error: unknown) => error,
    );
    assert.ok(error instanceof StepFailure, String(error));
    return error;
  }

  it('returns the final message exactly, and leaves the four private files', () =>
    withTurns([{ items: [message('  Grüße $& \n\n')] }], async ({ run, folder, context }) => {
      assert.equal(await run({ prompt: 'Sag {{{hallo}}}' }), '  Grüße $& \n\n');
      const names = ['events.jsonl', 'final_message.txt', 'prompt.txt', 'stderr.log'];
      assert.deepEqual(readdirSync(folder()).sort(), names);
      for (const name of names) assert.equal(statSync(join(folder(), name)).mode & 0o777, 0o600, name);
      assert.equal(statSync(folder()).mode & 0o777, 0o700);
      assert.equal(readFileSync(join(folder(), 'final_message.txt'), 'utf8'), '  Grüße $& \n\n');
      assert.equal(readFileSync(join(folder(), 'prompt.txt'), 'utf8'), 'Sag {{{hallo}}}');
      const types = readFileSync(join(folder(), 'events.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).type);
      assert.deepEqual(types, ['thread.started', 'turn.started', 'item.completed', 'turn.completed']);
      assert.equal(context.facts.path, join(folder(), 'final_message.txt'));
    }));

  it('tells usage, and the model where the step names one', () =>
    withTurns([{ items: [message('ok')] }], async ({ run, context, server }) => {
      await run({ model: 'gpt-5.4' });
      assert.equal(JSON.parse(server.received[0]?.body ?? '').model, 'gpt-5.4');
      const { inputTokens, cachedInputTokens, outputTokens } = context.facts.usage ?? {};
      assert.deepEqual([inputTokens, cachedInputTokens, outputTokens], [100, 40, 20]);
      assert.equal(context.facts.model, 'gpt-5.4');
    }));

  it('tells the path as the folder for artefacts was given', () =>
    withTurns([{ items: [message('ok')] }], async ({ run, context, place, folder }) => {
      await run({}, { artefacts: new Artefacts(relative(process.cwd(), place.generated)) });
      assert.equal(context.facts.path, relative(process.cwd(), join(folder(), 'final_message.txt')));
      assert.ok(existsSync(join(folder(), 'final_message.txt')));
    }));

  it('runs commands of the model in the sandbox that the step names', function () {
    if (!sandboxWorks(bin)) this.skip();
    const turns = [{ items: [command('echo hi > hello.txt')] }, { items: [message('done')] }];
    return withTurns(turns, async ({ run, place }) => {
      assert.equal(await run({ sandbox: 'workspace-write' }), 'done');
      assert.equal(readFileSync(join(place.workdir, 'hello.txt'), 'utf8'), 'hi\n');
    });
  });

  it('is read-only unless the step says otherwise, whatever the own config of codex says', () =>
    withTurns(
      [{ items: [command('echo hi > hello.txt')] }, { items: [message('done')] }],
      async ({ run, place }) => {
        await run({ config: { sandbox_mode: 'danger-full-access' } });
        assert.deepEqual(readdirSync(place.workdir), []);
      },
    ));

  it("keeps keys from the model's commands, and from every file", function () {
    if (!sandboxWorks(bin)) this.skip();
    const turns = [{ items: [command('env; echo listed')] }, { items: [message('done')] }];
    return withTurns(turns, async ({ run, folder, server }) => {
      await run();
      assert.match(server.received[1]?.body ?? '', /listed/);
      for (const { body } of server.received) assert.ok(!body.includes(FAKE_KEY));
      for (const name of readdirSync(folder())) {
        assert.ok(!readFileSync(join(folder(), name), 'utf8').includes(FAKE_KEY), name);
      }
    });
  });

  it('works in the workdir of the step', () =>
    withTurns([{ items: [message('ok')] }], async ({ run, place, server }) => {
      await run({ workdir: place.root });
      assert.ok(server.received[0]?.body.includes(`<cwd>${place.root}</cwd>`));
    }));

  it('hands a schema on, and takes a final message that fits', () =>
    withTurns([{ items: [message('{"n":1}')] }], async ({ run, server }) => {
      const schema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
      assert.equal(await run({ schema }), '{"n":1}');
      const { text } = JSON.parse(server.received[0]?.body ?? '');
      assert.deepEqual(text.format.schema, schema);
    }));

  it('hands further settings on', () =>
    withTurns([{ items: [message('ok')] }], async ({ run, server }) => {
      await run({ config: { model_reasoning_effort: 'high' } });
      assert.equal(JSON.parse(server.received[0]?.body ?? '').reasoning.effort, 'high');
    }));

  it('takes a prompt of almost a million characters', () =>
    withTurns([{ items: [message('ok')] }], async ({ run, server }) => {
      await run({ prompt: 'x'.repeat(1_000_000) });
      assert.ok((server.received[0]?.body.length ?? 0) > 1_000_000);
    }));

  const error = (status: number, message: string, code?: string): Turn => ({
    status,
    error: { message, code },
  });
  const failures: [string, Turn, object, RegExp][] = [
    [
      'no message at all, though codex exits 0',
      { items: [] },
      { kind: 'bad_output' },
      /without a final message/,
    ],
    ['an empty message', { items: [message(' \n')] }, { kind: 'bad_output' }, /without a final message/],
    ['400', error(400, 'no such thing'), { kind: 'exit', exitCode: 1 }, /no such thing/],
    ['401', error(401, 'bad key'), { kind: 'auth', status: 401, exitCode: 1 }, /401 Unauthorized/],
    ['403', error(403, 'forbidden'), { kind: 'auth', status: 403 }, /403 Forbidden/],
    ['429', error(429, 'slow down'), { kind: 'rate_limit', status: 429 }, /429/],
    [
      'a usage limit',
      { status: 429, error: { type: 'usage_limit_reached', plan_type: 'plus', resets_at: 1_900_000_000 } },
      { kind: 'quota' },
      /try again at Mar 17th, 2030/,
    ],
    ['500', error(500, 'oops'), { kind: 'server', exitCode: 1 }, /high demand/],
    ['503', error(503, 'overloaded'), { kind: 'server', status: 503 }, /503/],
  ];
  for (const [what, turn, facts, text] of failures) {
    it(`fails on ${what}: no final message is left, and the failure names the folder`, () =>
      withTurns([turn], async ({ run, folder }) => {
        const failure = await failureOf(run());
        assert.match(failure.message, text);
        assert.ok(failure.message.endsWith(`; see ${folder()}`));
        for (const [name, value] of Object.entries(facts))
          assert.equal(Reflect.get(failure, name), value, name);
        assert.deepEqual(readdirSync(folder()).sort(), ['events.jsonl', 'prompt.txt', 'stderr.log']);
      }));
  }

  it('tells the usage of a turn whose message is empty: it was paid for', () =>
    withTurns([{ items: [] }], async ({ run, context }) => {
      await failureOf(run());
      assert.equal(context.facts.usage?.inputTokens, 100);
      assert.equal(context.facts.path, undefined);
    }));

  it('fails as bad_output on a final message that is no JSON, or does not fit', () =>
    withTurns([{ items: [message('no')] }, { items: [message('[1]')] }], async ({ run }) => {
      const schema = { type: 'object' };
      assert.match((await failureOf(run({ schema }))).message, /no JSON/);
      assert.match((await failureOf(run({ schema }))).message, /fit the schema/);
    }));

  it('fails as network when nobody listens', () =>
    withTurns([], async ({ run, server }) => {
      await server[Symbol.asyncDispose]();
      assert.equal((await failureOf(run())).kind, 'network');
    }));

  it('fails as auth when the key is missing', () =>
    withTurns([], async ({ run, place }) => {
      const failure = await failureOf(run({}, { env: { ...place.env, FAKE_KEY: undefined } }));
      assert.equal(failure.kind, 'auth');
      assert.match(failure.hint ?? '', /codex login/);
    }));

  it('fails as exit, with the end of stderr, when codex refuses its settings', () =>
    withTurns([], async ({ run }) => {
      const failure = await failureOf(run({ config: { model_reasoning_effort: ['no', 'list'] } }));
      assert.equal(failure.kind, 'exit');
      assert.match(failure.message, /model_reasoning_effort/);
    }));

  for (const [what, prompt] of [
    ['an empty prompt', ' \n'],
    ['a prompt beyond what codex takes', 'x'.repeat(1_048_577)],
  ] as const) {
    it(`fails ${what} as input, without starting codex`, () =>
      withTurns([], async ({ run, place, server }) => {
        assert.equal((await failureOf(run({ prompt }))).kind, 'input');
        assert.deepEqual(readdirSync(place.generated), []);
        assert.equal(server.received.length, 0);
      }));
  }

  it('ends every process when the signal aborts, and leaves the events so far', async () => {
    const controller = new AbortController();
    const hanging = async ({ run, server, folder, place }: Stage) => {
      const running = run();
      const checked = assert.rejects(running, /enough/);
      while (server.received.length === 0) await delay(20);
      controller.abort(new Error('enough'));
      await checked;
      assert.deepEqual(runningIn(place), []);
      assert.match(readFileSync(join(folder(), 'events.jsonl'), 'utf8'), /thread\.started/);
      assert.deepEqual(readdirSync(folder()).sort(), ['events.jsonl', 'prompt.txt', 'stderr.log']);
    };
    await withTurns(['hang'], hanging, controller.signal);
  });

  it('ends the commands of the model, too, when the signal aborts', async function () {
    if (!sandboxWorks(bin)) this.skip();
    const controller = new AbortController();
    const busy = async ({ run, server, place }: Stage) => {
      const checked = assert.rejects(run(), /enough/);
      while (!runningIn(place).some((line) => line.includes('sleep'))) await delay(20);
      controller.abort(new Error('enough'));
      await checked;
      assert.deepEqual(runningIn(place), []);
      assert.ok(server.received.length > 0);
    };
    await withTurns([{ items: [command('sleep 61')] }, 'hang'], busy, controller.signal);
  });
});

/** Command lines of the running processes whose environment or working folder leads to the place. */
function runningIn({ root }: Place): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const environment = readFileSync(join('/proc', pid, 'environ'), 'latin1');
      return environment.includes(root) ? [readFileSync(join('/proc', pid, 'cmdline'), 'latin1')] : [];
    } catch {
      return [];
    }
  });
}
