import { liveServer } from '../limits/live-server.js';
import { idealMs, type Scenario, scenarios } from '../limits/scenarios.js';
import { CLI, measure } from '../measure.js';
import { row } from '../rows.js';
import { list, scratch } from '../scratch.js';
import type { Row, Size } from '../shapes.js';

const KINDS = [
  '20 in any second, silent',
  '20 in any second, wish',
  '20 in any second, told',
  'bucket of 20, 20/s, silent',
  '10 in each 500 ms, silent',
  '10 in flight, told',
  '503, silent',
  'Retry-After too long: 10',
];
const PARALLEL = 200;
/** The opening is over. */
const OPENED_MS = 2000;

/** The real program against some of the limits, on this machine: whole processes, and a server in this one. */
export async function limitsLive({ part }: Size): Promise<Row[]> {
  const calls = Math.max(60, 400 * part);
  const rows: Row[] = [];
  for (const scenario of scenarios.filter(({ name }) => KINDS.includes(name)))
    rows.push(...(await measured(scenario, calls)));
  return rows;
}

async function measured(scenario: Scenario, calls: number): Promise<Row[]> {
  await using server = await liveServer(scenario);
  await measure({
    file: CLI,
    args: [
      ...['run', 'configs/patient.json', '-k', `a:${list('a', calls)}`, '--parallel', String(PARALLEL)],
      ...['--no-journal', '--progress', 'none', '--allow-unused-key'],
    ],
    env: { OPENAI_BASE_URL: server.baseUrl, OPENAI_API_KEY: 'none' },
    stdout: scratch('limits-live.ndjson'),
    codes: [0, 1],
  });
  const { answeredAt, refusedAt } = server;
  const later = (times: readonly number[]) => times.filter((at) => at > OPENED_MS).length;
  const refused = (100 * later(refusedAt)) / Math.max(1, later(refusedAt) + later(answeredAt));
  const wallMs = answeredAt.at(-1) ?? Number.NaN;
  const idealTime = idealMs(scenario, calls, PARALLEL);
  const what = `CLI, ${calls} calls, ${scenario.name}`;
  const lost = calls - answeredAt.length;
  return [
    row({
      figure: 'limits-live',
      what: `${what}: time`,
      ours: `${(wallMs / 1000).toFixed(1)} s`,
      other: `ideal ${(idealTime / 1000).toFixed(1)} s`,
      value: wallMs / idealTime,
      target: { atMost: 1.4 },
    }),
    row({
      figure: 'limits-live',
      what: `${what}: refused % after 2 s (${refusedAt.length} in all)`,
      ours: refused.toFixed(1),
      value: refused,
      target: { atMost: 5 },
    }),
    row({
      figure: 'limits-live',
      what: `${what}: lost`,
      ours: `${lost}`,
      value: lost,
      target: { atMost: 0 },
    }),
  ];
}
