import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { delay, filter, map } from 'rxjs';
import { type Flow, operator, type RunOptions, step } from '../lib/index.js';
import { all, combine, crowd, digits, letters } from './helpers/runs.js';

describe('run', () => {
  it('sends one flow through the steps when there are no keys', async () => {
    const { records } = await all({
      steps: [step('one', () => 'x'), step('two', (flow) => `${flow.output}y`)],
    });
    assert.equal(records.length, 1);
    assert.equal(records[0]?.output, 'xy');
    assert.deepEqual(
      records[0]?.steps.map(({ name }) => name),
      ['one', 'two'],
    );
  });

  it('multiplies the keys, the last one varying fastest', async () => {
    const { records } = await all({ steps: [combine], keys: { letters, digits }, parallel: 1 });
    assert.deepEqual(
      records.map(({ output }) => output),
      ['a0', 'a1', 'b0', 'b1', 'c0', 'c1'],
    );
    assert.deepEqual(
      records.map(({ index }) => index),
      [0, 1, 2, 3, 4, 5],
    );
    assert.equal(new Set(records.map(({ flow }) => flow)).size, 6);
  });

  it('gives a flow the same id in every run, whatever the order of the keys', async () => {
    const ids = async (keys: RunOptions['keys']) => {
      const { records } = await all({ steps: [combine], ...(keys && { keys }) });
      return records.map(({ flow }) => flow).sort();
    };
    assert.deepEqual(await ids({ letters, digits }), await ids({ digits, letters }));
  });

  it('lets functions read the contents of files', async () => {
    const folder = await mkdtemp(joinPath(tmpdir(), 'run-spec-'));
    const file = joinPath(folder, 'a.md');
    await writeFile(file, 'content');
    const { records } = await all({
      steps: [step('read', (_, context) => context.read('doc'))],
      keys: { doc: [file] },
    });
    assert.equal(records[0]?.output, 'content');
    assert.equal(records[0]?.inputs.doc?.path, file);
    await rm(folder, { recursive: true });
  });

  it('never has more than `parallel` flows in flight', async () => {
    for (const parallel of [1, 3]) {
      const workers = crowd();
      const busy = step('busy', workers.run);
      await all({ steps: [busy, busy], keys: { letters, digits }, parallel });
      assert.equal(workers.most, parallel);
    }
  });

  it("keeps to a step's own cap", async () => {
    const workers = crowd();
    await all({
      steps: [step('busy', workers.run, { parallel: 2 })],
      keys: { letters, digits },
      parallel: 6,
    });
    assert.equal(workers.most, 2);
  });

  it("makes one flow's failure its record, and no other flow's", async () => {
    const picky = step('picky', (flow) => {
      if (flow.output.startsWith('b')) throw new Error('no b');
      return flow.output;
    });
    const { records, events } = await all({ steps: [combine, picky, combine], keys: { letters, digits } });
    const failed = records.filter(({ status }) => status === 'failed');
    assert.deepEqual(
      failed.map(({ error, output, steps }) => [error?.step, output, steps.length]),
      [
        ['picky', null, 2],
        ['picky', null, 2],
      ],
    );
    assert.equal(records.filter(({ status }) => status === 'done').length, 4);
    const finishes = events.filter((event) => event.type === 'finish');
    assert.equal(finishes.filter(({ status }) => status === 'failed').length, 2);
  });

  it('announces one enter and one exit for each step that a flow reaches, and one finish', async () => {
    const { events } = await all({ steps: [combine, combine], keys: { digits }, parallel: 1 });
    const [first] = events;
    assert.ok(first?.type === 'enter');
    assert.deepEqual([first.step, first.index, typeof first.at], ['combine', 0, 'number']);
    assert.deepEqual(
      events.map((event) => (event.type === 'finish' ? 'finish' : `${event.type} ${event.index}`)),
      Array(2).fill(['enter 0', 'exit 0', 'enter 1', 'exit 1', 'finish']).flat(),
    );
  });

  it('mixes functions, named operators and bare operators', async () => {
    const { records, events } = await all({
      steps: [
        combine,
        operator('calm', (flow$) => flow$.pipe(delay(1))),
        delay(1),
        map((flow: Flow) => ({ ...flow, output: `${flow.output}!` })),
      ],
      keys: { digits },
    });
    assert.deepEqual(records.map(({ output }) => output).sort(), ['0!', '1!']);
    const names = new Set(events.flatMap((event) => (event.type === 'finish' ? [] : [event.step])));
    assert.deepEqual([...names], ['combine', 'calm', 'operator']);
  });

  it('leaves one record for a flow that an operator drops', async () => {
    const { records, events } = await all({
      steps: [combine, filter((flow: Flow) => flow.output !== '0')],
      keys: { digits },
    });
    assert.deepEqual(records.map(({ status }) => status).sort(), ['done', 'dropped']);
    assert.equal(events.filter((event) => event.type === 'finish').length, 2);
  });

  it('survives whatever is thrown', async () => {
    for (const thrown of [undefined, null, 5, 'text', Object.create(null), { toString: null }]) {
      const { records } = await all({ steps: [step('bad', () => Promise.reject(thrown))] });
      assert.equal(records[0]?.error?.kind, 'operator');
    }
  });

  it('gives every step its time-out, whatever the step was made from', async () => {
    class Score {
      readonly kind = 'run';
      readonly name = 'score';
      readonly type = 'function';
      readonly mark = '!';
      run(flow: Flow) {
        return flow.output + this.mark;
      }
    }
    const slow = step('slow', () => new Promise<string>(() => {}), { retries: 0 });
    const { records } = await all({ steps: [new Score(), slow], timeout: 0.02 });
    assert.equal(records[0]?.steps[0]?.status, 'done');
    assert.equal(records[0]?.error?.kind, 'timeout');
  });

  it("lets an operator change a flow's output, not its identity", async () => {
    const forge = map((flow: Flow) => ({ ...flow, index: 99, inputs: {}, output: 'x' }));
    const { records } = await all({ steps: [combine, forge], keys: { digits }, ordered: true });
    assert.deepEqual(
      records.map(({ index, inputs, output }) => [index, Object.keys(inputs), output]),
      [
        [0, ['digits'], 'x'],
        [1, ['digits'], 'x'],
      ],
    );
  });

  it('lets no half of a character into a record', async () => {
    const list = step('list', () => JSON.stringify(['a\ud800']), { array: true });
    const own = step('own', ({ output }) => `${output}b\udc00`);
    const plain = map((flow: Flow) => ({ ...flow, output: `${flow.output}c\ud800` }));
    const bad = step('bad', () => Promise.reject(new Error('d\ud800')));
    const { records } = await all({ steps: [list, own, plain] });
    assert.equal(records[0]?.output, 'a\ufffdb\ufffdc\ufffd');
    assert.equal((await all({ steps: [own] })).records[0]?.output, 'b\ufffd');
    const failed = await all({ steps: [bad] });
    assert.equal(failed.records[0]?.error?.message, 'bad: d\ufffd');
  });

  it('keeps from commands the key that another step names', async () => {
    const ask = { type: 'openai', prompt: 'x', apiKeyEnv: 'GATEWAY_KEY', baseUrl: 'http://127.0.0.1:9/v1' };
    const env = { PATH: process.env.PATH, GATEWAY_KEY: 'k', OTHER: 'o' };
    const generated = await mkdtemp(joinPath(tmpdir(), 'run-'));
    const steps = [ask, { type: 'cmd', cmd: 'echo "$GATEWAY_KEY$OTHER"' }];
    const { records } = await all({ steps, env, generated, simulate: true });
    assert.equal(records[0]?.output, 'o');
  });

  it("counts times by a monotonic clock: the system's may be set back during a flow", async () => {
    const systemTime = Date.now;
    const set = step('set', async () => {
      Date.now = () => systemTime() - 3_600_000;
      return 'later';
    });
    try {
      const { records, events } = await all({ steps: [set], keys: {} });
      assert.ok(records.every(({ ms }) => ms >= 0));
      const times = events.map(({ at }) => at);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
    } finally {
      Date.now = systemTime;
    }
  });
});
