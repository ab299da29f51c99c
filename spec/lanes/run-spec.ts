import assert from 'node:assert/strict';
import { lastValueFrom, toArray } from 'rxjs';
import type { Stop } from '../../lib/context/stop.js';
import { type RunOptions, run } from '../../lib/index.js';
import { DEFAULT_MODEL } from '../../lib/steps/openai/config.js';
import { type Behaviour, limitedServer } from '../helpers/limited-server.js';
import { until } from '../helpers/program.js';

/** So many calls to a server that behaves so, all at once if they may. */
async function callsTo(calls: number, behaviour: Behaviour, options: Partial<RunOptions> = {}) {
  await using server = await limitedServer(behaviour);
  const stops: Stop[] = [];
  const { results$ } = run({
    steps: [{ type: 'openai', prompt: 'Say {{{n}}}', baseUrl: server.baseUrl, retries: 6 }],
    keys: { n: { values: Array.from({ length: calls }, (_, n) => `value ${n}`) } },
    parallel: 50,
    onStop: (stop) => stops.push(stop),
    ...options,
  });
  const records = await lastValueFrom(results$.pipe(toArray()));
  const kinds = records.map(({ status, error }) => error?.kind ?? status);
  const count = (kind: string) => kinds.filter((each) => each === kind).length;
  return { records, count, stops, server };
}

const QUARTER = { requests: { limit: 10, windowMs: 250 } };

describe('a run against limits', function () {
  this.slow(10_000);

  // How much time that takes, and how many calls are refused, is shown in virtual time: limits-spec.
  const rows: [string, Behaviour][] = [
    ['unknown', QUARTER],
    ['announced', { ...QUARTER, announced: true }],
    ['of tokens, announced', { tokens: { limit: 150, windowMs: 250 }, announced: true }],
    ['told in milliseconds', { ...QUARTER, retryAfter: 'ms' }],
    ['told in seconds', { ...QUARTER, retryAfter: 'seconds' }],
    ['told as a date', { ...QUARTER, retryAfter: 'date' }],
    ['told in nonsense', { ...QUARTER, retryAfter: 'nonsense' }],
  ];
  for (const [title, behaviour] of rows) {
    it(`loses nothing to limits that are ${title}, and comes back no sooner than it is told to`, async () => {
      const { count, server } = await callsTo(30, { latency: 20, ...behaviour });
      assert.equal(count('done'), 30);
      assert.deepEqual(server.early, []);
    });
  }

  it('brings refused calls back no sooner than they are told to where refusals are chance', async () => {
    const { count, server } = await callsTo(200, { latency: 20, refusesOneOf: 10, retryAfter: 'ms' });
    assert.equal(count('done'), 200);
    assert.ok(server.counts.refused > 15);
    assert.deepEqual(server.early, []);
  });

  it('records how long calls waited, beside the time that they took', async () => {
    const { records } = await callsTo(2, { requests: { limit: 1, windowMs: 400 }, retryAfter: 'ms' });
    const waited = records.filter(({ steps: [step] }) => step?.waitedMs !== undefined);
    assert.equal(waited.length, 1);
    const [
      {
        ms,
        steps: [step],
      } = { ms: 0, steps: [] },
    ] = waited;
    assert.ok(
      step?.waitedMs && step.waitedMs >= 100 && step.ms + step.waitedMs <= ms + 2,
      JSON.stringify(waited),
    );
  });

  it('stops admitting when a quota is used up; what works goes on', async () => {
    const { count, stops, records, server } = await callsTo(
      200,
      { quota: 25, latency: 50 },
      { parallel: 10 },
    );
    assert.equal(count('done'), 25);
    assert.ok(count('quota') >= 1 && records.length <= 25 + 10, `${records.length}`);
    assert.ok(server.counts.refused <= 10, `${server.counts.refused}`);
    assert.deepEqual(
      stops.map(({ why }) => why),
      ['limit'],
    );
    assert.match(stops[0]?.message ?? '', /^openai accepts no more calls: .*You exceeded your quota$/);
  });

  it('stops nothing where it is the last flow that finds a quota used up', async () => {
    const { count, stops } = await callsTo(3, { quota: 2 }, { parallel: 1 });
    assert.deepEqual([count('done'), count('quota'), stops], [2, 1, []]);
  });

  it('goes on in other lanes', async () => {
    await using rich = await limitedServer({ latency: 100 });
    const second = { type: 'openai', prompt: 'Again', model: 'other', baseUrl: rich.baseUrl };
    await using poor = await limitedServer({ quota: 5, latency: 20 });
    const first = { type: 'openai', prompt: 'Say {{{n}}}', baseUrl: poor.baseUrl };
    const { results$ } = run({
      steps: [first, second],
      keys: { n: { values: Array.from({ length: 50 }, (_, n) => `${n}`) } },
      parallel: 5,
    });
    const records = await lastValueFrom(results$.pipe(toArray()));
    assert.equal(records.filter(({ status }) => status === 'done').length, 5);
    assert.equal(rich.counts.answered, 5);
  });

  it('goes on when a server that was down is back, and loses nothing', async () => {
    await using server = await limitedServer({ latency: 5 });
    const { results$ } = run({
      steps: [{ type: 'openai', prompt: 'Say {{{n}}}', baseUrl: server.baseUrl, retries: 9 }],
      keys: { n: { values: Array.from({ length: 100 }, (_, n) => `${n}`) } },
      parallel: 10,
    });
    const ended = lastValueFrom(results$.pipe(toArray()));
    await until('calls are answered', () => server.counts.answered >= 20);
    server.change({ down: true });
    await until('all in flight have failed', () => server.counts.failed >= 10);
    server.change({ down: false });
    const records = await ended;
    assert.equal(records.filter(({ status }) => status === 'done').length, 100);
  });

  it("keeps to the user's ceilings, by type and by model", async () => {
    const lanes = { openai: { concurrency: 9 }, [`openai/${DEFAULT_MODEL}`]: { concurrency: 3 } };
    const { count, server } = await callsTo(30, { latency: 20 }, { lanes });
    assert.equal(count('done'), 30);
    assert.equal(server.peak, 3);
  });

  it('gives up what waits longer than the user wants', async () => {
    const behaviour: Behaviour = { requests: { limit: 2, windowMs: 60_000 }, retryAfter: 'seconds' };
    const { count, stops } = await callsTo(6, behaviour, { maxWait: 5 });
    assert.equal(count('done'), 2);
    assert.equal(count('rate_limit'), 4);
    assert.equal(stops[0]?.why, 'limit');
  });

  it('names mistakes in the lanes, and warns of those that no step uses', async () => {
    const lanes: object = { opnai: { rpm: 5 } };
    const { results$ } = run({ steps: [], lanes: { ...lanes }, maxWait: 0 });
    await assert.rejects(
      lastValueFrom(results$),
      /maxWait: expected .*\nlanes\.opnai: unknown lane; did you mean/s,
    );
    const notices: string[] = [];
    const onNotice = (line: string) => notices.push(line);
    await callsTo(1, {}, { lanes: { codex: { concurrency: 1 } }, onNotice });
    assert.deepEqual(notices, ['warning: lane codex: no step uses it']);
  });
});
