import {
  Bucket,
  Chance,
  Changed,
  Concurrency,
  FixedWindow,
  Gcra,
  type Limiter,
  type LimiterState,
  Outage,
  Queue,
  Shared,
  SlidingWindow,
  Together,
} from './limiters.js';

/** Headers of an answer or a refusal. */
export type Headers = Readonly<Record<string, string>>;

/** What a server tells of its limit. */
export interface Manner {
  readonly answered?: (state: LimiterState) => Headers;
  readonly refused?: (state: LimiterState) => Headers;
}

/** A server with a limit. */
export interface Scenario {
  readonly name: string;
  readonly group: 'quiet' | 'chance' | 'announced' | 'minutes' | 'outage';
  readonly limiter: () => Limiter;
  readonly manner: Manner;
  /** Milliseconds that an answer takes. Default: 50. */
  readonly answerMs?: number;
  /** It takes up to so much longer, milliseconds. Default: 20. */
  readonly jitterMs?: number;
  /** Milliseconds that a refusal takes. Default: 3. */
  readonly refusalMs?: number;
  /** Of a refusal. Default: 429. */
  readonly status?: number;
  /** Tokens of a call. Default: 15. */
  readonly tokens?: number;
}

/** As OpenAI tells durations. */
function duration(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)}ms`;
  const seconds = (part: number) => `${Number((part / 1000).toFixed(3))}s`;
  return ms < 60_000 ? seconds(ms) : `${Math.floor(ms / 60_000)}m${seconds(ms % 60_000)}`;
}

function ratelimit(unit: 'requests' | 'tokens', { limit, remaining, resetMs }: LimiterState): Headers {
  return {
    [`x-ratelimit-limit-${unit}`]: String(limit),
    [`x-ratelimit-remaining-${unit}`]: String(remaining),
    [`x-ratelimit-reset-${unit}`]: duration(resetMs),
  };
}

const all = (state: LimiterState): Headers => ({
  ...ratelimit('requests', state),
  ...(state.tokens && ratelimit('tokens', state.tokens)),
});
const wish = ({ nextMs }: LimiterState): Headers => ({
  'retry-after': String(Math.max(1, Math.ceil(nextMs / 1000))),
});

const MANNERS = {
  silent: {},
  wish: { refused: wish },
  told: { answered: all, refused: (state) => ({ ...all(state), ...wish(state) }) },
  'told on refusal': { refused: (state) => ({ ...all(state), ...wish(state) }) },
} satisfies Record<string, Manner>;

type Details = Omit<Scenario, 'name' | 'manner' | 'group' | 'limiter'>;

function inEachManner(name: string, limiter: () => Limiter, details: Details = {}): Scenario[] {
  return Object.entries(MANNERS).map(([manner, says]) => ({
    name: `${name}, ${manner}`,
    group: manner === 'told' && !name.startsWith('two') ? ('announced' as const) : ('quiet' as const),
    limiter,
    manner: says,
    ...details,
  }));
}

function minutes(name: string, limiter: () => Limiter, details: Details = {}): Scenario[] {
  return inEachManner(name, limiter, { answerMs: 500, ...details }).map((each) => ({
    ...each,
    group: 'minutes',
  }));
}

function saying(
  name: string,
  limiter: () => Limiter,
  refused: Headers | ((state: LimiterState) => Headers),
  more: Partial<Scenario> = {},
): Scenario {
  const says = typeof refused === 'function' ? refused : () => refused;
  return { name, group: 'quiet', limiter, manner: { refused: says }, ...more };
}

const twentyInAnySecond = () => new SlidingWindow(20, 1000);

/** 1,200 a minute as OpenAI tells it: nearly full all the time. */
const asMinutes = ({ remaining }: LimiterState): Headers => {
  const used = Math.max(1, 20 - remaining);
  return ratelimit('requests', { limit: 1200, remaining: 1200 - used, resetMs: used * 50, nextMs: 0 });
};

/** The kinds of limits that were met, and those that are easy to think of. */
export const scenarios: readonly Scenario[] = [
  ...inEachManner('20 in each second', () => new FixedWindow(20, 1000)),
  ...inEachManner('200 in each 10 s', () => new FixedWindow(200, 10_000, 3000)),
  ...inEachManner('20 in any second', twentyInAnySecond),
  ...inEachManner('bucket of 20, 20/s', () => new Bucket(20, 20)),
  ...inEachManner('bucket of 100, 20/s', () => new Bucket(20, 100)),
  ...inEachManner('bucket of 1, 20/s', () => new Bucket(20, 1)),
  ...inEachManner('GCRA, 20/s, burst of 10', () => new Gcra(20, 10)),
  ...inEachManner('10 in flight', () => new Concurrency(10), { answerMs: 450, jitterMs: 100 }),
  ...inEachManner(
    'calls and tokens, tokens bind',
    () => new Together([new Bucket(60, 60), new Bucket(20 * 150, 20 * 150, 'tokens')]),
    { tokens: 150 },
  ),
  ...inEachManner('two clients, 40/s and 20/s of it', () => new Shared(new Bucket(40, 40), 20)),
  ...inEachManner(
    '40/s, 20/s after 5 s',
    () => new Changed(new Bucket(40, 40), new Bucket(20, 20, 'calls', 0), 5000),
  ),
  ...inEachManner('answers of 5 s, 20/s', () => new Bucket(20, 20), { answerMs: 5000, jitterMs: 1000 }),
  ...inEachManner('refusals after 500 ms, 20 in any second', twentyInAnySecond, { refusalMs: 500 }),
  ...inEachManner('100 in any second', () => new SlidingWindow(100, 1000)),
  ...inEachManner('5 in any second', () => new SlidingWindow(5, 1000)),
  ...inEachManner('queue of 20, 20/s', () => new Queue(20, 20)),
  ...inEachManner('queue of 1, 20/s', () => new Queue(20, 1)),
  ...inEachManner('3 in flight, answers of 100 ms', () => new Concurrency(3), { answerMs: 80, jitterMs: 40 }),
  ...inEachManner('20/s, 40/s after 5 s', () => new Changed(new Bucket(20, 20), new Bucket(40, 40), 5000)),
  ...inEachManner('refused calls count, 20 in any second', () => new SlidingWindow(20, 1000, true)),
  ...inEachManner('10 in each 500 ms', () => new FixedWindow(10, 500)),
  ...inEachManner('answers of 1 s, 20 in any second', twentyInAnySecond, { answerMs: 800, jitterMs: 400 }),
  { name: 'chance of 10 %, silent', group: 'chance', limiter: () => new Chance(0.1), manner: MANNERS.silent },
  { name: 'chance of 10 %, wish', group: 'chance', limiter: () => new Chance(0.1), manner: MANNERS.wish },
  { name: 'chance of 2 %, wish', group: 'chance', limiter: () => new Chance(0.02), manner: MANNERS.wish },
  {
    name: 'chance of 10 % and 20 in any second, silent',
    group: 'chance',
    limiter: () => new Together([new Chance(0.1), twentyInAnySecond()]),
    manner: MANNERS.silent,
  },
  saying(
    '1,200 a minute told, 20 in any second',
    twentyInAnySecond,
    (state) => ({ ...asMinutes(state), 'retry-after': '1' }),
    {
      manner: { answered: asMinutes, refused: (state) => ({ ...asMinutes(state), 'retry-after': '1' }) },
    },
  ),
  saying('1,200 a minute told on refusal, 20 in any second', twentyInAnySecond, {
    'x-ratelimit-limit-requests': '1200',
    'x-ratelimit-remaining-requests': '0',
    'x-ratelimit-reset-requests': '500ms',
    'retry-after': '1',
  }),
  saying('Retry-After too short: 0', twentyInAnySecond, { 'retry-after': '0' }),
  saying('Retry-After too long: 10', twentyInAnySecond, { 'retry-after': '10' }),
  saying('Retry-After far too long: 60', twentyInAnySecond, { 'retry-after': '60' }),
  saying('Retry-After: soon', twentyInAnySecond, { 'retry-after': 'soon' }),
  saying('Retry-After: -5', twentyInAnySecond, { 'retry-after': '-5' }),
  saying('retry-after-ms', twentyInAnySecond, ({ nextMs }) => ({
    'retry-after-ms': String(Math.ceil(nextMs)),
    'x-ratelimit-remaining-requests': '0',
  })),
  saying('503, wish', twentyInAnySecond, { 'retry-after': '1' }, { status: 503 }),
  saying('503, silent', twentyInAnySecond, {}, { status: 503 }),
  saying('529, silent, bucket of 20', () => new Bucket(20, 20), {}, { status: 529 }),
  saying(
    '20/s, down from 5 s to 15 s',
    () => new Outage(new Bucket(20, 20), 5000, 15_000),
    {},
    { status: 503, group: 'outage' },
  ),
  ...minutes('500 in each minute', () => new FixedWindow(500, 60_000, 20_000)),
  ...minutes('500 a minute, bucket of 500', () => new Bucket(500 / 60, 500)),
  ...minutes(
    '30,000 tokens a minute, 150 a call',
    () => new Together([new Bucket(500 / 60, 500), new Bucket(500, 30_000, 'tokens')]),
    { tokens: 150 },
  ),
  saying(
    '503 by nginx limit_conn, 10 in flight',
    () => new Concurrency(10),
    {},
    { status: 503, answerMs: 200 },
  ),
];

/**
 * The shortest time from the first call to the last answer, for a client that knows the limiter, milliseconds. It is
 * unknown which calls are refused by chance: those come back as soon as the server wants them to.
 */
export function idealMs(
  { limiter: make, manner, answerMs = 50, jitterMs = 20, tokens = 15, group }: Scenario,
  calls: number,
  parallel: number,
): number {
  const limiter = make();
  const isChance = group === 'chance';
  const start = 3_600_000;
  let last = start;
  let ends: number[] = [];
  let fresh = calls;
  /** When refused calls may come back. */
  const again: number[] = [];
  for (let now = start; fresh + again.length > 0; now++) {
    for (const end of ends) if (end <= now) limiter.end?.(now);
    ends = ends.filter((end) => end > now);
    for (;;) {
      const isBack = (again[0] ?? Number.POSITIVE_INFINITY) <= now;
      if (ends.length >= parallel || (!isBack && fresh === 0)) break;
      const passes = limiter.passes(now, tokens);
      if (!passes && !isChance) break;
      if (isBack) again.shift();
      else fresh--;
      if (passes) {
        const end = now + limiter.take(now, tokens) + answerMs + jitterMs / 2;
        ends.push(end);
        last = Math.max(last, end);
      } else again.push(now + wishedMs(manner, limiter.state(now)));
      // One a millisecond: how many are refused is chance.
      if (isChance) break;
    }
  }
  return last - start;
}

function wishedMs({ refused }: Manner, state: LimiterState): number {
  return 1000 * Number(refused?.(state)['retry-after'] ?? 0);
}
