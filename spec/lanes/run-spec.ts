import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { lastValueFrom, toArray } from 'rxjs';
import type { Stop } from '../../lib/engine/stop.js';
import { type RunOptions, run } from '../../lib/index.js';
import { DEFAULT_MODEL } from '../../lib/steps/openai/config.js';
import { type Behaviour, limitedServer } from '../helpers/limited-server.js';

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
const IDEAL_MS = 5 * 250;

describe('a run against limits', function () {
  this.slow(10_000);

  /**
   * Title, behaviour, time until the last call passed against the ideal, refused calls; each at most. On a machine that is
   * busy all 50 may be under way before the first refusal comes back: then 40 of them are refused.
   */
  const rows: [string, Behaviour, number, number][] = [
    ['unknown', QUARTER, 1.8, 30],
    ['announced', { ...QUARTER, announced: true }, 1.6, 20],
    ['of tokens, announced', { tokens: { limit: 150, windowMs: 250 }, announced: true }, 1.8, 20],
    ['told in milliseconds', { ...QUARTER, retryAfter: 'ms' }, 1.8, 30],
    ['told in seconds', { ...QUARTER, retryAfter: 'seconds' }, 6, 40],
    ['told as a date', { ...QUARTER, retryAfter: 'date' }, 12, 40],
    ['told in nonsense', { ...QUARTER, retryAfter: 'nonsense' }, 1.8, 30],
  ];
  for (const [title, behaviour, mostWall, mostRefused] of rows) {
    it(`loses nothing to limits that are ${title}, little time, and has few calls refused`, async () => {
      const { count, server } = await callsTo(60, { latency: 20, ...behaviour });
      assert.equal(count('done'), 60);
      const wall = (server.passedAt.at(-1) ?? 0) / IDEAL_MS;
      assert.ok(wall < mostWall, `${wall.toFixed(2)} of the ideal time`);
      assert.ok(server.counts.refused <= mostRefused, `${server.counts.refused} refused`);
    });
  }

  it('records how long calls waited', async () => {
    const { records } = await callsTo(30, { ...QUARTER, latency: 20 });
    const [step] = records.toSorted((a, b) => a.ms - b.ms).at(-1)?.steps ?? [];
    assert.ok(step?.waitedMs && step.waitedMs > 300 && step.ms < 300, JSON.stringify(step));
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
    assert.match(
      stops[0]?.message ?? '',
      /^openai lets nothing through any more: .*You exceeded your quota$/,
    );
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

  it('is back soon after the server was down', async () => {
    await using server = await limitedServer({ latency: 20 });
    const { results$ } = run({
      steps: [{ type: 'openai', prompt: 'Say {{{n}}}', baseUrl: server.baseUrl, retries: 9 }],
      keys: { n: { values: Array.from({ length: 500 }, (_, n) => `${n}`) } },
      parallel: 10,
    });
    const ended = lastValueFrom(results$.pipe(toArray()));
    while (server.counts.answered < 50) await delay(10);
    server.change({ down: true });
    await delay(3000);
    const before = server.counts.answered;
    server.change({ down: false });
    await delay(3000);
    assert.ok(server.counts.answered - before > 150, `${server.counts.answered - before} in 3 s`);
    const records = await ended;
    assert.ok(records.every(({ status }) => status === 'done'));
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
