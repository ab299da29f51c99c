import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { concatMap, delay as delayed, filter, lastValueFrom, map, mergeMap, of, toArray } from 'rxjs';
import {
  ConfigError,
  type Flow,
  join,
  operator,
  type ResultRecord,
  type RunEvent,
  type RunOptions,
  type RunStep,
  run,
  step,
} from '../lib/index.js';
import { until } from './helpers/program.js';

/** Runs to the end: the records and the events. */
async function all(options: RunOptions) {
  const { results$, events$ } = run(options);
  const events: RunEvent[] = [];
  let completed = false;
  events$.subscribe({
    next: (event) => events.push(event),
    complete: () => {
      completed = true;
    },
  });
  const records = await lastValueFrom(results$.pipe(toArray()));
  assert.ok(completed, 'events$ completes with results$');
  return { records, events };
}

const letters = { values: ['a', 'b', 'c'] };
const digits = { values: ['0', '1'] };
const combine = step('combine', async (flow) =>
  Object.values(flow.inputs)
    .map(({ value }) => value)
    .join(''),
);

/** The run is under way, and has had time for what it must not do. */
async function begun(isSo: () => boolean): Promise<void> {
  await until('it has begun', isSo);
  await delay(10);
}

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
      let active = 0;
      let most = 0;
      const busy = step('busy', async () => {
        most = Math.max(most, ++active);
        await delay(1);
        active--;
        return '';
      });
      await all({ steps: [busy, busy], keys: { letters, digits }, parallel });
      assert.equal(most, parallel);
    }
  });

  it("keeps to a step's own cap", async () => {
    let active = 0;
    let most = 0;
    const run = async () => {
      most = Math.max(most, ++active);
      await delay(1);
      active--;
      return '';
    };
    await all({ steps: [step('busy', run, { parallel: 2 })], keys: { letters, digits }, parallel: 6 });
    assert.equal(most, 2);
  });

  it('bounds the steps that execute over all branches of a flow', async () => {
    let active = 0;
    let most = 0;
    const busy = step('busy', async (flow) => {
      most = Math.max(most, ++active);
      await delay(1);
      active--;
      return flow.output;
    });
    const many = operator(
      'many',
      mergeMap((flow: Flow) => of(...Array.from({ length: 20 }, (_, n) => ({ ...flow, output: String(n) })))),
    );
    const { records } = await all({ steps: [many, busy], parallel: 3 });
    assert.equal(records.length, 20);
    assert.equal(most, 3);
  });

  it("makes one flow's failure its record and nobody else's", async () => {
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
        operator('calm', (flow$) => flow$.pipe(delayed(1))),
        delayed(1),
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

  it('leaves one record a branch, and finishes the flow after the last', async () => {
    const twice = operator(
      'twice',
      concatMap((flow: Flow) => of(flow, flow)),
    );
    const { records, events } = await all({ steps: [twice, step('late', async () => delay(1, 'x'))] });
    assert.deepEqual(
      records.map(({ branch }) => branch),
      [undefined, [1]],
    );
    assert.equal(events.at(-1)?.type, 'finish');
  });

  describe('with `ordered`', () => {
    it('lets records leave in flow order and branches in branch order', async () => {
      const uneven = step('uneven', async (flow) => delay(10 - flow.index * 2, String(flow.index)));
      const twice = operator(
        'twice',
        mergeMap((flow: Flow) => of(flow, { ...flow, output: 'late' })),
      );
      const slow = step('slow', async (flow) => delay(flow.output === 'late' ? 0 : 5, flow.output));
      const { records } = await all({
        steps: [uneven, twice, slow],
        keys: { letters },
        parallel: 3,
        ordered: true,
      });
      assert.deepEqual(
        records.map(({ index, branch = [] }) => [index, ...branch]),
        [[0], [0, 1], [1], [1, 1], [2], [2, 1]],
      );
    });

    it('keeps the slot of a record that is early', async () => {
      const taken: string[] = [];
      const values = {
        *[Symbol.iterator]() {
          for (let n = 0; n < 10; n++) {
            taken.push(String(n));
            yield String(n);
          }
        },
      };
      let open = () => {};
      const first = new Promise<void>((resolve) => {
        open = resolve;
      });
      const steps = [step('first', (flow) => (flow.index === 0 ? first.then(() => '') : ''))];
      const done = all({ steps, keys: { n: { values } }, parallel: 3, ordered: true });
      await begun(() => taken.length > 0);
      assert.deepEqual(taken, ['0', '1', '2']);
      open();
      assert.equal((await done).records.length, 10);
    });
  });

  describe('deliver', () => {
    it('holds the slot until the record is taken', async () => {
      let pulled = 0;
      const values = {
        *[Symbol.iterator]() {
          for (; pulled < 50; ) yield String(pulled++);
        },
      };
      let delivered = 0;
      let release = () => {};
      const reader = new Promise<void>((resolve) => {
        release = resolve;
      });
      const done = all({
        steps: [combine],
        keys: { n: { values } },
        parallel: 4,
        deliver: async () => {
          delivered++;
          await reader;
        },
      });
      await begun(() => delivered > 0);
      assert.deepEqual([pulled, delivered], [4, 4]);
      release();
      assert.equal((await done).records.length, 50);
    });

    it('ends the run when it rejects', async () => {
      const { results$ } = run({ steps: [combine], deliver: () => Promise.reject(new Error('disk full')) });
      await assert.rejects(lastValueFrom(results$), /disk full/);
    });
  });

  describe('ending early', () => {
    it('cancels everything, silently, when nobody listens any more', async () => {
      let aborted = 0;
      const stuck = step(
        'stuck',
        (_, { signal }) =>
          new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => {
              aborted++;
              reject(signal.reason);
            }),
          ),
      );
      const { results$, events$ } = run({ steps: [stuck], keys: { letters }, parallel: 2 });
      const events: string[] = [];
      events$.subscribe({ next: ({ type }) => events.push(type), complete: () => events.push('complete') });
      const records: ResultRecord[] = [];
      const subscription = results$.subscribe((record) => records.push(record));
      await begun(() => events.length > 0);
      subscription.unsubscribe();
      assert.equal(aborted, 2);
      assert.deepEqual(records, []);
      assert.deepEqual(events, ['enter', 'enter', 'exit', 'exit', 'complete']);
    });

    it('lets what is in flight leave as cancelled when its signal aborts, and completes', async () => {
      const controller = new AbortController();
      let started = false;
      const stuck = step('stuck', () => {
        started = true;
        return new Promise<string>(() => {});
      });
      const done = all({
        steps: [stuck, combine],
        keys: { letters },
        parallel: 2,
        signal: controller.signal,
      });
      await begun(() => started);
      controller.abort();
      const { records, events } = await done;
      assert.deepEqual(
        records.map(({ status, error }) => [status, error?.kind, error?.step]),
        Array(2).fill(['cancelled', 'cancelled', 'stuck']),
      );
      assert.equal(events.filter(({ type }) => type === 'enter').length, 2);
      assert.equal(events.filter(({ type }) => type === 'exit').length, 2);
    });

    it('starts nothing when its signal has aborted before', async () => {
      let calls = 0;
      const counted = step('counted', () => String(++calls));
      const { records } = await all({ steps: [counted], keys: { letters }, signal: AbortSignal.abort() });
      assert.deepEqual([records.length, calls], [0, 0]);
    });
  });

  describe('mistakes', () => {
    it('come through as the error of the stream, all at once, and nothing is started', async () => {
      let calls = 0;
      const counted = step('counted', () => String(++calls));
      const { results$, events$ } = run({
        steps: [counted, { type: 'openai', prmpt: 'x' }, { type: 'opnai' }],
        keys: { doc: ['/no/such/file'] },
      });
      let completed = false;
      events$.subscribe({
        complete: () => {
          completed = true;
        },
      });
      await assert.rejects(lastValueFrom(results$), (error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, /steps\[1\]\.prmpt: unknown field; did you mean "prompt"\?/);
        assert.match(error.message, /steps\[2\].*opnai/);
        assert.match(error.message, /\/no\/such\/file/);
        return true;
      });
      assert.ok(completed);
      assert.equal(calls, 0);
    });

    it('say nothing else, and no stand-in is left behind', async () => {
      const notices: string[] = [];
      const { results$ } = run({
        steps: [{ type: 'openai', prompt: 'x' }, { type: 'opnai' }],
        keys: { doc: ['/dev/null'] },
        simulate: true,
        onNotice: (line) => notices.push(line),
      });
      await assert.rejects(lastValueFrom(results$), /opnai/);
      assert.deepEqual(notices, []);
    });

    for (const parallel of [0, -1, 1.5, Number.NaN]) {
      it(`refuses parallel ${parallel}`, async () => {
        const { results$ } = run({ steps: [combine], parallel });
        await assert.rejects(lastValueFrom(results$), /parallel: expected a whole number from 1 up, got/);
      });
    }

    it('are refused in the options themselves, all of them', async () => {
      const options: RunOptions = { steps: [combine] };
      Object.assign(options, { paralel: 0, workdir: 5, onStart: 'x', keys: 'doc', speed: 1 });
      await assert.rejects(lastValueFrom(run(options).results$), (error) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(error.message.split('\n'), [
          'paralel: unknown option; did you mean "parallel"?',
          'speed: unknown option',
          'keys: expected an object of lists by name, got "doc" (string)',
          'workdir: expected a path, got 5 (number)',
          'onStart: expected a function, got "x" (string)',
        ]);
        return true;
      });
    });

    it('are refused where there are no options, or no steps', async () => {
      const options: RunOptions = JSON.parse('{}');
      await assert.rejects(
        lastValueFrom(run(options).results$),
        /^ConfigError: steps: is missing; expected a list/,
      );
    });

    it('of keys that are empty are warned of', async () => {
      const notices: string[] = [];
      const { records } = await all({
        steps: [combine],
        keys: { n: { values: [] } },
        onNotice: (line) => notices.push(line),
      });
      assert.deepEqual(records, []);
      assert.deepEqual(notices, ['warning: key n: it is empty, so there are no flows']);
    });

    it('refuses a second subscription', async () => {
      const { results$ } = run({ steps: [combine] });
      await lastValueFrom(results$);
      await assert.rejects(lastValueFrom(results$), /subscribed twice/);
    });

    it('finish what is in flight when the values of a key throw, and then say so', async () => {
      const values = {
        *[Symbol.iterator]() {
          yield 'a';
          throw new Error('no more values');
        },
      };
      const records: ResultRecord[] = [];
      const { results$ } = run({
        steps: [step('slow', async () => delay(5, 'x'))],
        keys: { n: { values } },
        deliver: (record) => {
          records.push(record);
        },
      });
      await assert.rejects(lastValueFrom(results$), /no more values/);
      assert.deepEqual(
        records.map(({ status }) => status),
        ['done'],
      );
    });
  });
});

describe('run, with branches', () => {
  const list = (output: string, options = {}) => step('list', () => output, { array: true, ...options });
  const shout = step('shout', (flow) => `${flow.output}!`);
  const outputs = (records: readonly ResultRecord[]) =>
    records.map(({ branch, output }) => `${branch?.join('.')} ${output}`);

  it('runs the rest of the steps once for each element of an array', async () => {
    const { records, events } = await all({ steps: [list('["a",{"b":1}]'), shout], ordered: true });
    assert.deepEqual(outputs(records), ['0 a!', '1 {"b":1}!']);
    assert.equal(events.filter(({ type }) => type === 'enter').length, 3);
    assert.equal(events.filter(({ type }) => type === 'finish').length, 1);
  });

  it('nests arrays', async () => {
    const halves = step('halves', (flow) => JSON.stringify([`${flow.output}1`, `${flow.output}2`]), {
      array: true,
    });
    const { records } = await all({ steps: [list('["a","b"]'), halves, shout], ordered: true });
    assert.deepEqual(outputs(records), ['0.0 a1!', '0.1 a2!', '1.0 b1!', '1.1 b2!']);
  });

  it('leaves one dropped record for an empty array', async () => {
    const { records } = await all({ steps: [list('[]'), shout] });
    assert.deepEqual(
      records.map(({ status }) => status),
      ['dropped'],
    );
  });

  it('fails a flow whose output is no array', async () => {
    const { records } = await all({ steps: [list('a, b'), shout] });
    assert.deepEqual([records[0]?.error?.kind, records[0]?.error?.step], ['bad_output', 'list']);
    assert.deepEqual(records[0]?.steps[0]?.status, 'failed');
  });

  it('keeps the flow in its slot until its last branch is delivered', async () => {
    let pulled = 0;
    const values = {
      *[Symbol.iterator]() {
        for (; pulled < 3; ) yield String(pulled++);
      },
    };
    let open = () => {};
    const last = new Promise<string>((resolve) => {
      open = () => resolve('');
    });
    const wait = step('wait', (flow) => (flow.output === 'b' ? last : flow.output));
    const done = all({ steps: [list('["a","b"]'), wait], keys: { n: { values } }, parallel: 1 });
    await begun(() => pulled > 0);
    assert.equal(pulled, 1);
    open();
    assert.equal((await done).records.length, 6);
  });

  it('executes no more steps at once than `parallel`, however many branches there are', async () => {
    let active = 0;
    let most = 0;
    const busy = step('busy', async () => {
      most = Math.max(most, ++active);
      await delay(1);
      active--;
      return '';
    });
    const many = JSON.stringify(Array.from({ length: 50 }, (_, n) => n));
    await all({ steps: [list(many), busy], keys: { digits }, parallel: 3 });
    assert.equal(most, 3);
  });

  it('joins the live branches in order, with the steps of all', async () => {
    const slow = step('slow', async (flow) => {
      if (flow.output === 'c') throw new Error('no c');
      return delay(flow.output === 'a' ? 5 : 0, flow.output);
    });
    const { records } = await all({
      steps: [list('["a","b","c"]'), slow, operator('join', join(', ')), shout],
    });
    const [failed, joined] = records;
    assert.equal(failed?.status, 'failed');
    assert.equal(joined?.output, 'a, b!');
    assert.deepEqual(
      joined?.steps.map(({ name }) => name),
      ['list', 'slow', 'slow', 'join', 'shout'],
    );
  });

  it('joins with a function of all the outputs', async () => {
    const { records } = await all({ steps: [list('["a","b"]'), join((texts) => JSON.stringify(texts))] });
    assert.equal(records[0]?.output, '["a","b"]');
  });
});

describe('run, at its limits', () => {
  it('lets thousands of waiting branches through without touching the stack', async () => {
    const many = step('many', () => JSON.stringify([...Array(5000).keys()]), { array: true });
    const first = step('first', (flow) => (flow.output === '0' ? delay(5, 'slow') : 'quick'), {
      parallel: 1,
    });
    const { records } = await all({ steps: [many, first], parallel: 1 });
    assert.equal(records.filter(({ status }) => status === 'done').length, 5000);
  });

  it('begins nothing that waits when it is cancelled or unsubscribed', async () => {
    for (const end of ['abort', 'unsubscribe']) {
      let calls = 0;
      const stuck = step(
        'stuck',
        () => {
          calls++;
          return new Promise<string>(() => {});
        },
        { parallel: 1 },
      );
      const controller = new AbortController();
      const { results$, events$ } = run({ steps: [stuck], keys: { letters }, signal: controller.signal });
      const events: string[] = [];
      events$.subscribe(({ type }) => events.push(type));
      const records: ResultRecord[] = [];
      const subscription = results$.subscribe((record) => records.push(record));
      await begun(() => calls > 0);
      if (end === 'abort') controller.abort();
      else subscription.unsubscribe();
      await delay(5);
      assert.equal(calls, 1, end);
      assert.equal(events.filter((type) => type === 'exit').length, 3, end);
      assert.deepEqual(
        records.map(({ steps }) => steps[0]?.attempts).sort(),
        end === 'abort' ? [0, 0, 1] : [],
      );
    }
  });

  it('tries nothing again once it is cancelled', async () => {
    const controller = new AbortController();
    let calls = 0;
    const stubborn: RunStep = {
      ...step('stubborn', async (_, { signal }) => {
        calls++;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        setTimeout(() => controller.abort(), 1);
        return delay(5).then(() => Promise.reject(signal.reason));
      }),
      timeout: 0.01,
      retries: 3,
      settles: true,
    };
    const { records } = await all({ steps: [stubborn], signal: controller.signal });
    assert.equal(calls, 1);
    assert.equal(records[0]?.status, 'cancelled');
  });

  it('delivers the records of one flow one after the other', async () => {
    let delivering = 0;
    let most = 0;
    const many = step('many', () => '[1,2,3,4,5]', { array: true });
    const { records } = await all({
      steps: [many],
      deliver: async () => {
        most = Math.max(most, ++delivering);
        await delay(1);
        delivering--;
      },
    });
    assert.deepEqual([records.length, most], [5, 1]);
  });

  it('takes a sink that returns something else for one that is done', async () => {
    const taken: ResultRecord[] = [];
    // As JavaScript allows: `deliver: record => taken.push(record)`.
    const push = (record: ResultRecord): void => Object(taken.push(record));
    const { records } = await all({ steps: [combine], keys: { letters }, deliver: push });
    assert.deepEqual([records.length, taken.length], [3, 3]);
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

  it('lets an operator change what a flow says, not what it is', async () => {
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

  it('ends quickly when it is cancelled while it is being prepared', async () => {
    const controller = new AbortController();
    const done = all({ steps: [combine], keys: { letters }, signal: controller.signal });
    controller.abort();
    assert.deepEqual((await done).records, []);
  });
});
