import assert from 'node:assert/strict';
import type { RunContext } from '../../lib/context/run-context.js';
import { StepFailure, WriteFailure } from '../../lib/errors.js';
import type { Flow } from '../../lib/flow/flow.js';
import { type RunStep, type StepContext, type StepOptions, step } from '../../lib/step/step.js';
import { StepExecution } from '../../lib/visit/step-execution.js';
import { newEngine, newFlow, send } from '../helpers/flows.js';
import { until } from '../helpers/program.js';
import { virtualTime } from '../helpers/virtual-time.js';

const USAGE = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 2, reasoningTokens: 0 };

/** Fails with these failures, one an attempt, then answers. */
function failing(...failures: unknown[]) {
  const calls: number[] = [];
  const run = async (_: unknown, context: StepContext) => {
    calls.push(context.attempt);
    context.tell({ usage: USAGE });
    const failure = failures[context.attempt - 1];
    if (failure) throw failure;
    return 'ok';
  };
  return { run, calls };
}

/** In virtual time, too. */
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const soon = (kind: 'server' | 'auth' | 'bad_output', retryable?: boolean) =>
  new StepFailure(kind, kind, { retryAfterMs: 1, ...(retryable !== undefined && { retryable }) });

/** A visit that has begun, and the flow as it will leave. */
function visiting(step: RunStep, runContext: RunContext, arriving = newFlow()) {
  let leave = (_: Flow) => {};
  const flow = new Promise<Flow>((resolve) => {
    leave = resolve;
  });
  const visit = new StepExecution({ step, index: 0, depth: 0 }, arriving, runContext, {
    left: (_place, [flow]) => flow && leave(flow),
  });
  visit.begin();
  return { visit, flow };
}

describe('Visit', () => {
  it("turns a function's answer into the flow's output and records the step", async () => {
    const { flows, log } = await send([step('score', async (flow) => `${flow.id}!`)]);
    assert.equal(flows[0]?.output, '00000000000000f1!');
    const [record] = flows[0]?.steps ?? [];
    assert.deepEqual(
      [record?.name, record?.type, record?.status, record?.attempts],
      ['score', 'function', 'done', 1],
    );
    assert.deepEqual(log, ['enter score', 'exit score']);
  });

  it('tries again what is worth it, and adds up the tokens of all attempts', async () => {
    const { run, calls } = failing(soon('server'), soon('server'));
    const { flows, log } = await send([step('draft', run, { retries: 2 })]);
    assert.deepEqual(calls, [1, 2, 3]);
    assert.equal(flows[0]?.output, 'ok');
    assert.equal(flows[0]?.steps[0]?.attempts, 3);
    assert.equal(flows[0]?.steps[0]?.usage?.inputTokens, 3);
    assert.deepEqual(log, ['enter draft', 'exit draft']);
  });

  it('gives up after its retries', async () => {
    const { run, calls } = failing(soon('server'), soon('server'));
    const { flows } = await send([step('draft', run, { retries: 1 })]);
    assert.equal(calls.length, 2);
    assert.equal(flows[0]?.status, 'failed');
    assert.deepEqual([flows[0]?.error?.kind, flows[0]?.error?.attempts], ['server', 2]);
  });

  it('ends the run where a file of the run cannot be written: the flow leaves as cancelled, and so do the others', async () => {
    const failure = new WriteFailure('generated/x', new Error('ENOSPC'));
    const { run, calls } = failing(failure);
    const writes = step('writes', run, { retries: 3 });
    const waits = step('waits', () => new Promise<string>(() => {}));
    const { runContext } = newEngine([writes, waits]);
    const waiting = visiting(waits, runContext);
    const { flow } = visiting(writes, runContext);
    assert.deepEqual(
      [(await flow).error?.kind, (await waiting.flow).error?.kind],
      ['cancelled', 'cancelled'],
    );
    assert.deepEqual([runContext.stopped?.error, runContext.stopped?.why, calls], [failure, 'store', [1]]);
  });

  const kinds: [string, StepFailure, number][] = [
    ['never repeats what cannot get better', soon('auth'), 1],
    ['never repeats an answer that was paid for', soon('bad_output'), 1],
    ['repeats what says that it is worth it', soon('bad_output', true), 2],
    ['leaves what says that it is not', soon('server', false), 1],
  ];
  for (const [title, failure, attempts] of kinds) {
    it(title, async () => {
      const { run, calls } = failing(failure, failure);
      await send([step('draft', run, { retries: 1 })]);
      assert.equal(calls.length, attempts);
    });
  }

  it('names the step and the thrown message when a function throws', async () => {
    const { flows } = await send([
      step('score', () => {
        throw new Error('boom');
      }),
    ]);
    const { error } = flows[0] ?? {};
    assert.deepEqual(
      [error?.step, error?.type, error?.kind, error?.message],
      ['score', 'function', 'operator', 'score: boom'],
    );
  });

  it("refuses an answer that isn't text", async () => {
    const answer: unknown = 5;
    const { flows } = await send([step('score', async () => answer as string)]);
    assert.equal(flows[0]?.error?.message, 'score: returned number; expected a string');
  });

  it('tells when a used-up limit is free again', async () => {
    const resetsAt = Date.UTC(2026, 10, 25, 15, 45);
    const used = step('used', () => {
      throw new StepFailure('quota', 'used up', { resetsAt });
    });
    const { flows } = await send([used]);
    assert.equal(flows[0]?.error?.resetsAt, '2026-11-25T15:45:00.000Z');
  });

  it('charges no time-out with what it waits for, and records how long that was', async () => {
    using time = virtualTime();
    const patient = async (_: Flow, { wait }: StepContext) => {
      await pause(20);
      await Promise.all([wait(pause(60)), wait(pause(30))]);
      return 'ok';
    };
    const sent = send([step('patient', patient, { timeout: 0.03 })]);
    await time.pass(100);
    const [flow] = (await sent).flows;
    assert.equal(flow?.output, 'ok');
    assert.deepEqual([flow.steps[0]?.ms, flow.steps[0]?.waitedMs], [20, 60]);
  });

  it('goes on with its time-out after a wait', async () => {
    const slow = async (_: Flow, { wait }: StepContext) => {
      await wait(pause(1));
      return new Promise<string>(() => {});
    };
    const { flows } = await send([step('slow', slow, { timeout: 0.02 })]);
    assert.equal(flows[0]?.error?.kind, 'timeout');
  });

  it('ends an attempt at its time-out, even one that ignores its signal', async () => {
    const { flows } = await send([step('slow', () => new Promise<string>(() => {}), { timeout: 0.02 })]);
    assert.equal(flows[0]?.error?.kind, 'timeout');
    assert.match(flows[0]?.error?.message ?? '', /0\.02 s/);
  });

  it('tells its time-out to a step that asks for its signal only afterwards', async () => {
    let reason: unknown;
    using time = virtualTime();
    const late = async (_: Flow, context: StepContext) => {
      await pause(30);
      reason = context.signal.reason;
      return '';
    };
    const sent = send([step('late', late, { timeout: 0.01 })]);
    await time.pass(50);
    assert.equal((await sent).flows[0]?.error?.kind, 'timeout');
    assert.ok(reason instanceof StepFailure && reason.kind === 'timeout');
  });

  it('waits for a step that promises to settle, after its signal aborted', async () => {
    let ended = false;
    const run = (_: unknown, { signal }: StepContext) =>
      new Promise<string>((_resolve, reject) => {
        signal.addEventListener('abort', () =>
          setTimeout(() => {
            ended = true;
            reject(signal.reason);
          }, 5),
        );
      });
    const { flows } = await send([{ ...step('process', run, { timeout: 0.01 }), settles: true }]);
    assert.equal(ended, true);
    assert.equal(flows[0]?.error?.kind, 'timeout');
  });

  it('leaves as cancelled, from the gate, from its work and from a back-off', async () => {
    const working = step('work', () => new Promise<string>(() => {}));
    const waiting = step('wait', failing(new StepFailure('server', 'x', { retryAfterMs: 60_000 })).run, {
      retries: 1,
    });
    for (const [capacity, slow] of [
      [0, working],
      [1, working],
      [1, waiting],
    ] as const) {
      const { runContext, log } = newEngine([slow], capacity);
      const outcome = visiting(slow, runContext);
      await pause(5);
      outcome.visit.cancel();
      const flow = await outcome.flow;
      assert.equal(flow.status, 'cancelled');
      assert.equal(flow.steps[0]?.status, 'cancelled');
      assert.deepEqual(log, [`enter ${slow.name}`, `exit ${slow.name}`]);
    }
  });

  it('begins nothing once the run is cancelled', async () => {
    const { run, calls } = failing();
    const late = step('late', run);
    const { runContext } = newEngine([late]);
    runContext.cancel();
    const flow = await visiting(late, runContext).flow;
    assert.equal(flow.status, 'cancelled');
    assert.equal(calls.length, 0);
  });

  describe('in a lane', () => {
    const inLane = (run: RunStep['run'], options: StepOptions = {}) => ({
      ...step('ask', run, options),
      lane: { type: 'openai' },
    });
    const refusal = (retryAfterMs = 30) => new StepFailure('rate_limit', '429', { retryAfterMs });

    it('waits for what it is refused, as often as need be, and records how long', async () => {
      using time = virtualTime();
      const { run, calls } = failing(refusal(), refusal(), refusal());
      const sent = send([inLane(run)]);
      await time.pass(1000);
      const { flows, log } = await sent;
      assert.equal(flows[0]?.output, 'ok');
      assert.equal(calls.length, 4);
      const [record] = flows[0]?.steps ?? [];
      assert.equal(record?.attempts, 4);
      assert.ok(record?.waitedMs && record.waitedMs >= 90 && record.ms < 10, JSON.stringify(record));
      assert.deepEqual(log, ['enter ask', 'exit ask']);
    });

    it('gives its slot back meanwhile, and counts only other failures against its retries', async () => {
      using time = virtualTime();
      const { run } = failing(refusal(60), soon('server'), soon('server'));
      const asked = inLane(run, { retries: 1 });
      const other = step('other', async () => 'done');
      const { runContext } = newEngine([asked, other], 1);
      const first = visiting(asked, runContext);
      await time.pass(20);
      const pass = runContext.gate.tryEnter(1);
      assert.ok(pass, 'nobody is inside');
      pass.leave();
      first.visit.cancel();
      const sent = send([asked]);
      await time.pass(1000);
      const { flows } = await sent;
      assert.deepEqual([flows[0]?.error?.kind, flows[0]?.steps[0]?.attempts], ['server', 3]);
    });

    it('goes before later flows when its lane opens again', async () => {
      const calls: number[] = [];
      const asked = inLane(async ({ index }) => {
        if (calls.push(index) === 1) throw new StepFailure('rate_limit', '429');
        return 'ok';
      });
      const { runContext } = newEngine([asked], 1);
      const flows = [0, 1, 2].map((index) => visiting(asked, runContext, newFlow({ index })).flow);
      await Promise.all(flows);
      assert.deepEqual(calls, [0, 0, 1, 2]);
    });

    it('goes before later flows, too, when its refusal tells its lane nothing new', async () => {
      const calls: number[] = [];
      let told = false;
      const asked = inLane(async ({ index }, { lane }) => {
        calls.push(index);
        if (calls.length === 1) {
          await until('the limit is told', () => told);
          await pause(50);
          throw new StepFailure('rate_limit', '429');
        }
        if (index === 1) {
          lane?.({ requestLimit: { limit: 1000, remaining: 990, resetMs: 1000 } });
          told = true;
          await until('another call is made', () => calls.length > 2);
        }
        return 'ok';
      });
      const { runContext } = newEngine([asked], 2);
      const flows = [0, 1, 2].map((index) => visiting(asked, runContext, newFlow({ index })).flow);
      await Promise.all(flows);
      assert.deepEqual(calls, [0, 1, 0, 2]);
    });

    it('fails when it would wait longer than the user wants', async () => {
      const { run, calls } = failing(refusal(5000));
      const { flows } = await send([inLane(run, { retries: 3 })]);
      assert.equal(flows[0]?.error?.kind, 'rate_limit');
      assert.equal(calls.length, 1);
    });

    it('fails when it has waited longer than the user wants all in all, though others go on', async () => {
      using time = virtualTime();
      let calls = 0;
      const asked = inLane(async () => {
        const other = lanes.of({ type: 'openai' }).start();
        other.succeeded();
        other.end();
        if (++calls < 8) throw refusal(400);
        return 'ok';
      });
      const { runContext, lanes } = newEngine([asked]);
      const { flow } = visiting(asked, runContext);
      await time.pass(5000);
      assert.equal((await flow).error?.kind, 'rate_limit');
      assert.equal(calls, 3);
    });

    it('fails with what has exhausted its lane, without a try', async () => {
      const { run, calls } = failing(new StepFailure('quota', 'no credit', { retryable: true }));
      const asked = inLane(run, { retries: 3 });
      const { runContext } = newEngine([asked]);
      assert.equal((await visiting(asked, runContext).flow).error?.kind, 'quota');
      const { error, steps } = await visiting(asked, runContext).flow;
      assert.deepEqual([error?.kind, error?.attempts, steps[0]?.attempts], ['quota', 0, 0]);
      assert.equal(calls.length, 1);
    });

    it("reports the step's news to its lane", async () => {
      using _ = virtualTime();
      const limit = { limit: 1, remaining: 0, resetMs: 100 };
      const asked = inLane(async (_, { lane }) => {
        lane?.({ requestLimit: limit });
        return 'ok';
      });
      const { runContext, lanes } = newEngine([asked]);
      await visiting(asked, runContext).flow;
      const waitMs = lanes.of({ type: 'openai' }).waitMs();
      assert.ok(waitMs >= 100 && waitMs < 120, `${waitMs}`);
    });

    it('leaves as cancelled while it waits for its lane', async () => {
      const { run } = failing(refusal(900));
      const asked = inLane(run);
      const { runContext } = newEngine([asked]);
      const { visit, flow } = visiting(asked, runContext);
      await pause(10);
      visit.cancel();
      assert.equal((await flow).status, 'cancelled');
    });
  });
});
