import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { codexBins, type Place, requireCodex } from '../../helpers/codex.js';
import { failureOf, withTurns } from '../../helpers/codex-stage.js';
import { until } from '../../helpers/program.js';
import { command, message, type Turn } from '../../helpers/responses-server.js';

describe('a codex that fails', () => {
  let bin: string;

  before(function () {
    bin = requireCodex(this);
  });

  const error = (status: number, message: string, code?: string): Turn => ({
    status,
    error: { message, code, type: code },
  });
  const failures: [string, readonly Turn[], object, RegExp][] = [
    ['no message', [{ items: [] }], { kind: 'bad_output' }, /without a final message/],
    ['an empty message', [{ items: [message(' \n')] }], { kind: 'bad_output' }, /without a final message/],
    [
      'a message that announces what comes, and nothing after it',
      [{ items: [message('I will look'), command('true')] }, { items: [] }],
      { kind: 'bad_output' },
      /without a final message/,
    ],
    ['400', [error(400, 'no such thing')], { kind: 'exit', exitCode: 1 }, /no such thing/],
    ['401', [error(401, 'bad key')], { kind: 'auth', status: 401, exitCode: 1 }, /401 Unauthorized/],
    ['403', [error(403, 'forbidden')], { kind: 'auth', status: 403 }, /403 Forbidden/],
    ['429', [error(429, 'slow down')], { kind: 'rate_limit', status: 429, resetsAt: undefined }, /429/],
    ['500', [error(500, 'oops')], { kind: 'server', exitCode: 1 }, /high demand/],
    ['503', [error(503, 'overloaded')], { kind: 'server', status: 503 }, /503/],
  ];
  for (const [what, turns, facts, text] of failures) {
    it(`on ${what}: no final message is left, and the failure names the folder`, () =>
      withTurns(bin, turns, async ({ run, folder }) => {
        const failure = await failureOf(run());
        assert.match(failure.message, text);
        assert.ok(failure.message.endsWith(`; see ${folder()}`));
        for (const [name, value] of Object.entries(facts))
          assert.equal(Reflect.get(failure, name), value, name);
        assert.deepEqual(readdirSync(folder()).sort(), ['events.jsonl', 'prompt.txt', 'stderr.log']);
      }));
  }

  for (const [name, program] of Object.entries(codexBins)) {
    it(`on a link that was put in the place of its final message: nothing is taken from behind it (${name})`, () => {
      const plant = command('ln -sf "$PWD/elsewhere" ../generated/codex_exec_*/.final_message.partial');
      return withTurns(program, [{ items: [plant] }, { items: [message('ok')] }], async ({ run, folder }) => {
        const allow = { dirty: false, sharedWorkdir: true, danger: true };
        const failure = await failureOf(run({ sandbox: 'danger-full-access' }, { allow }));
        assert.equal(failure.kind, 'bad_output');
        assert.match(failure.message, /^the final message can't be read: \S+ is a link/);
        assert.deepEqual(readdirSync(folder()).sort(), ['events.jsonl', 'prompt.txt', 'stderr.log']);
      });
    });
  }

  /** While it runs: then the ledger of processes is there, too. */
  const folderIn = ({ generated }: Place) =>
    join(generated, readdirSync(generated).find((name) => name.startsWith('codex_exec_')) ?? '');

  it('not before it has a file for its final message, which is private', () =>
    withTurns(bin, ['hang'], async ({ run, place, server }) => {
      const running = failureOf(run({ idleTimeout: 2 }));
      await until('codex has asked', () => server.received.length > 0);
      const { mode, size } = statSync(join(folderIn(place), '.final_message.partial'));
      assert.deepEqual([mode & 0o777, size], [0o600, 0]);
      await running;
    }));

  const MINUTE = 60_000;
  for (const [when, resetsAt] of [
    ['in a minute or two', Date.now() + 2 * MINUTE],
    ['in three days', Date.now() + 3 * 24 * 60 * MINUTE],
  ] as const) {
    it(`on a usage limit that is reset ${when}: it says when, to the minute`, () => {
      const error = {
        type: 'usage_limit_reached',
        plan_type: 'plus',
        resets_at: Math.floor(resetsAt / 1000),
      };
      return withTurns(bin, [{ status: 429, error }], async ({ run }) => {
        const failure = await failureOf(run());
        assert.equal(failure.kind, 'quota');
        assert.equal(failure.resetsAt, Math.floor(resetsAt / MINUTE) * MINUTE);
        assert.match(failure.hint ?? '', /^Wait until \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
      });
    });
  }

  it('on a usage limit without a time', () =>
    withTurns(bin, [{ status: 429, error: { type: 'usage_limit_reached' } }], async ({ run }) => {
      const failure = await failureOf(run());
      assert.deepEqual([failure.kind, failure.resetsAt], ['quota', undefined]);
    }));

  it("on a key's used-up quota: says so, or (older versions don't know) that it may be one", () =>
    withTurns(bin, [error(429, 'You exceeded your quota', 'insufficient_quota')], async ({ run }) => {
      const { kind, hint = '' } = await failureOf(run());
      if (kind !== 'quota') assert.deepEqual([kind, /used-up quota/.test(hint)], ['rate_limit', true]);
    }));

  it('tells the thread, the folder and the usage: they were paid for', () =>
    withTurns(bin, [{ items: [] }], async ({ record, folder, events }) => {
      const { status, path, usage, error, steps } = await record();
      assert.deepEqual([status, path, error?.kind], ['failed', null, 'bad_output']);
      assert.equal(usage.inputTokens, 100);
      assert.equal(steps[0]?.threadId, events()[0]?.thread_id);
      assert.equal(steps[0]?.folder, folder());
    }));

  it('as bad_output on a final message that is not JSON, or does not fit', () =>
    withTurns(bin, [{ items: [message('no')] }, { items: [message('[1]')] }], async ({ run }) => {
      const schema = { type: 'object' };
      assert.match((await failureOf(run({ schema }))).message, /isn't valid JSON/);
      assert.match((await failureOf(run({ schema }))).message, /fit the schema/);
    }));

  it('as network when no server listens', () =>
    withTurns(bin, [], async ({ run, server }) => {
      await server[Symbol.asyncDispose]();
      assert.equal((await failureOf(run())).kind, 'network');
    }));
});
