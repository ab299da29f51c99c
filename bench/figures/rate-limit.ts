import { setTimeout as delay } from 'node:timers/promises';
import { type Behaviour, type LimitedServer, limitedServer } from '../../spec/helpers/limited-server.js';
import { samplesOf } from '../cpu-profile.js';
import { CLI, measure, type Program } from '../measure.js';
import { row } from '../rows.js';
import { list, scratch } from '../scratch.js';
import type { Row, Size } from '../shapes.js';
import { median } from '../statistics.js';
import { seconds } from '../units.js';

const figure = '6 lanes';
const LATENCY = 500;
const PER_SECOND = { requests: { limit: 20, windowMs: 1000 }, latency: LATENCY };

/** What limits of a server cost a run: whole processes, against a server with sliding windows in this one. */
export async function rateLimit(size: Size): Promise<Row[]> {
  return [
    ...(await limited('limit unknown', PER_SECOND, { wall: 1.1, refused: 0.1 }, size)),
    ...(await limited(
      'limit announced',
      { ...PER_SECOND, announced: true },
      { wall: 1.05, refused: 0.01 },
      size,
    )),
    await unlimited(size),
    await outage(size),
    await manyWaiting(size),
  ];
}

interface Bounds {
  readonly wall: number;
  readonly refused: number;
}

/**
 * From the first call to the last answer: how long processes take to start is a figure of its own. The ideal: the last
 * calls can't start before the windows of all others are over.
 */
async function limited(
  title: string,
  behaviour: Behaviour,
  most: Bounds,
  { runs, part }: Size,
): Promise<Row[]> {
  const calls = Math.max(60, 400 * part);
  const ideal = (calls / 20 - 1) * 1000 + LATENCY;
  const walls: number[] = [];
  const refused: number[] = [];
  let lost = 0;
  for (let run = 0; run < runs; run++) {
    await using server = await limitedServer(behaviour);
    await measure(callsTo(server, calls, 200));
    walls.push((server.passedAt.at(-1) ?? Number.NaN) + LATENCY);
    refused.push(server.counts.refused / calls);
    lost += calls - server.counts.answered;
  }
  const what = `CLI, ${calls} calls against 20 requests/s, ${title}`;
  const wall = median(walls);
  const share = median(refused);
  return [
    row({
      figure,
      what,
      ours: seconds(wall),
      other: `ideal ${seconds(ideal)}`,
      value: wall / ideal,
      target: { atMost: most.wall },
    }),
    row({
      figure,
      what: `${what}: refused`,
      ours: `${Math.round(100 * share)} %`,
      value: share,
      target: { atMost: most.refused },
    }),
    row({ figure, what: `${what}: lost`, ours: String(lost), value: lost, target: { atMost: 0 } }),
  ];
}

async function unlimited({ runs, part }: Size): Promise<Row> {
  const calls = Math.ceil(4000 * part);
  const ideal = Math.ceil(calls / 200) * LATENCY;
  const walls: number[] = [];
  for (let run = 0; run < runs; run++) {
    await using server = await limitedServer({ latency: LATENCY });
    await measure(callsTo(server, calls, 200));
    walls.push((server.passedAt.at(-1) ?? Number.NaN) + LATENCY);
  }
  const wall = median(walls);
  return row({
    figure,
    what: `CLI, ${calls} calls of ${LATENCY} ms, 200 in flight, no limit`,
    ours: seconds(wall),
    other: `ideal ${seconds(ideal)}`,
    value: wall / ideal,
  });
}

/** 10 s of 503s in the middle of a run: how long after them it is that calls pass at the rate from before. */
async function outage({ part }: Size): Promise<Row> {
  const downMs = Math.max(3000, 10_000 * part);
  await using server = await limitedServer({ latency: LATENCY });
  const running = measure(callsTo(server, 400 * Math.ceil(15 + downMs / 1000), 200));
  while (server.counts.answered === 0) await delay(10);
  await delay(5000);
  server.change({ down: true });
  await delay(downMs);
  server.change({ down: false });
  const upAt = 5000 + downMs;
  await running;
  const rateAt = (ms: number) => server.passedAt.filter((at) => at >= ms && at < ms + 1000).length;
  const before = rateAt(3500);
  let backAt = upAt;
  while (rateAt(backAt) < 0.95 * before && backAt < upAt + 60_000) backAt += 100;
  return row({
    figure,
    what: `CLI, ${downMs / 1000} s of 503s: from their end to the rate from before, s`,
    ours: seconds(backAt - upAt),
    value: (backAt - upAt) / 1000,
    target: { atMost: 5 },
  });
}

/** What the gate takes of the CPU while 10,000 calls wait for it. */
async function manyWaiting({ part }: Size): Promise<Row> {
  const waiting = Math.max(1000, 10_000 * part);
  await using server = await limitedServer({ latency: 20 });
  const {
    file,
    args = [],
    ...rest
  } = callsTo(server, 2 * waiting, waiting, ['--lane', 'openai:concurrency=50']);
  const flags = [
    '--cpu-prof-interval',
    '500',
    '--cpu-prof-dir',
    scratch('profile'),
    '--cpu-prof-name',
    'gate',
  ];
  await measure({ ...rest, file: '--cpu-prof', args: [...flags, file, ...args] });
  const busy = samplesOf(`${scratch('profile')}/gate`).filter(({ place }) => place !== '(idle)');
  const sum = (samples: typeof busy) => samples.reduce((total, { time }) => total + time, 0);
  const gate = busy.filter(({ place }) => /lib\/lanes\/[\w-]+\.ts/.test(place));
  const share = sum(gate) / sum(busy);
  return row({
    figure,
    what: `CLI, ${waiting} calls waiting for a lane: the gate's share of the CPU`,
    ours: `${(100 * share).toFixed(1)} %`,
    value: share,
    target: { atMost: 0.05 },
  });
}

function callsTo(
  server: LimitedServer,
  calls: number,
  parallel: number,
  more: readonly string[] = [],
): Program {
  const keys = ['-k', `a:${list('a', calls)}`];
  const quiet = ['--no-journal', '--progress', 'none', '--allow-unused-key'];
  return {
    file: CLI,
    args: ['run', 'configs/patient.json', '--parallel', String(parallel), ...quiet, ...keys, ...more],
    env: { OPENAI_BASE_URL: server.baseUrl, OPENAI_API_KEY: 'none' },
    stdout: scratch('rate-limit.ndjson'),
  };
}
