import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { lastValueFrom, map } from 'rxjs';
import { ConfigError, type Flow, type ResultRecord, type RunOptions, run, step } from '../lib/index.js';
import { until } from './helpers/program.js';
import { all, combine } from './helpers/runs.js';

describe('run, mistakes', () => {
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

  it('of a single step that is not in a list say what to do', async () => {
    // @ts-expect-error a list is needed
    const { results$ } = run({ steps: { type: 'openai', prompt: 'x' } });
    await assert.rejects(lastValueFrom(results$), /^ConfigError: steps: .*; put the step in a list: /);
  });

  it('in keys that nothing uses are refused, unless that is allowed or an operator may read them', async () => {
    const notices: string[] = [];
    const keys = { n: { values: ['1', '2'] } };
    const echo = { type: 'cmd', cmd: ['echo', 'x'] };
    const onNotice = (line: string) => void notices.push(line);
    const unused = 'key n: no step uses it, and it multiplies the flows by 2: 2 instead of 1';
    await assert.rejects(
      all({ steps: [echo], keys }),
      new RegExp(`^ConfigError: ${unused}; leave it out, or allow it with --allow-unused-key$`),
    );
    await all({ steps: [echo], keys, allowUnusedKey: true, onNotice });
    await all({ steps: [map((flow: Flow) => flow)], keys, onNotice });
    assert.deepEqual(notices, [`warning: ${unused}`, `warning: ${unused}`]);
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

  it('frees what was opened when a notice can not be given', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;
    const before = sockets();
    const { results$ } = run({
      steps: [{ type: 'openai', prompt: 'x' }],
      simulate: true,
      onNotice: () => {
        throw new Error('nobody there');
      },
    });
    await assert.rejects(lastValueFrom(results$), { message: 'nobody there' });
    await until('the stand-in is gone', () => sockets() === before);
  });

  for (const parallel of [0, -1, 1.5, Number.NaN]) {
    it(`refuses parallel ${parallel}`, async () => {
      const { results$ } = run({ steps: [combine], parallel });
      await assert.rejects(lastValueFrom(results$), /parallel: expected a whole number from 1 up, got/);
    });
  }

  it('are refused in the options themselves, all of them', async () => {
    const options: RunOptions = { steps: [combine] };
    Object.assign(options, {
      paralel: 0,
      workdir: 5,
      onStart: 'x',
      keys: 'doc',
      speed: 1,
      signal: {},
      store: {},
      simulate: { fial: 1 },
    });
    await assert.rejects(lastValueFrom(run(options).results$), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(error.message.split('\n'), [
        'paralel: unknown option; did you mean "parallel"?',
        'speed: unknown option',
        'keys: expected an object of lists by name, got "doc" (string)',
        'workdir: expected a path, got 5 (number)',
        'simulate: expected true, false or { latency: milliseconds, fail: a rate from 0 to 1 }, got an object',
        'signal: expected an AbortSignal, got an object',
        'store: expected a store or a function that opens one, got an object',
        'onStart: expected a function, got "x" (string)',
      ]);
      return true;
    });
  });

  it('are refused in options that are null: only a missing one has a default', async () => {
    const options: RunOptions = { steps: [combine] };
    const names = ['keys', 'parallel', 'timeout', 'share', 'simulate', 'signal', 'drain', 'maxFailures'];
    const more = ['lanes', 'maxWait', 'prices', 'maxCost', 'maxTokens', 'onLimit', 'store', 'env', 'deliver'];
    for (const name of [...names, ...more]) Object.assign(options, { [name]: null });
    await assert.rejects(lastValueFrom(run(options).results$), (error) => {
      assert.ok(error instanceof ConfigError);
      for (const name of [...names, ...more])
        assert.match(error.message, new RegExp(`^${name}: expected .*, got null$`, 'm'));
      return true;
    });
  });

  it('are refused where there are no options, or no steps', async () => {
    const options: RunOptions = JSON.parse('{}');
    await assert.rejects(
      lastValueFrom(run(options).results$),
      /^ConfigError: steps: is missing; expected a list/,
    );
    await assert.rejects(
      lastValueFrom(run(JSON.parse('null')).results$),
      /^ConfigError: options: expected an object with `steps`, got null/,
    );
  });

  it('warns of a share of failures where the number of flows is unknown', async () => {
    const notices: string[] = [];
    const values = {
      *[Symbol.iterator]() {
        yield 'a';
      },
    };
    const onNotice = (line: string) => void notices.push(line);
    await all({ steps: [combine], keys: { v: { values } }, maxFailures: '10%', onNotice });
    await all({ steps: [combine], keys: { v: { values: ['a'] } }, maxFailures: '10%', onNotice });
    assert.deepEqual(notices, [
      'warning: maxFailures: the number of flows is unknown; 10% is taken of 100 flows',
    ]);
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

  it('finish flows in flight when the values of a key throw, and then say so', async () => {
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
