import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { SlidingWindow, type WindowLimit } from './sliding-window.js';

/** How the server behaves; all of it can be changed while it runs. */
export interface Behaviour {
  readonly requests?: WindowLimit;
  /** A request takes a quarter of the characters of its input, and 10 for its answer. */
  readonly tokens?: WindowLimit;
  /** Tells its limits with each answer, in `x-ratelimit-*`. Default: false. */
  readonly announced?: boolean;
  /** How it tells when to come back. Default: not at all. */
  readonly retryAfter?: 'ms' | 'seconds' | 'date' | 'nonsense';
  /** Milliseconds before an answer; refusals come at once. Default: 0. */
  readonly latency?: number;
  /** So many requests are answered until the quota is used up. Default: no quota. */
  readonly quota?: number;
  /** One of so many requests is refused, for no reason, and wants 100 ms to pass. Default: none. */
  readonly refusesOneOf?: number;
  /** Every request is answered 503. Default: false. */
  readonly down?: boolean;
}

/** A model's server with limits, for tests: the Responses API, real sockets, real sliding windows. */
export interface LimitedServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/v1` */
  readonly baseUrl: string;
  /** How many requests it has answered, refused (429), and failed (503). */
  readonly counts: { answered: number; refused: number; failed: number };
  /** Milliseconds since the first request at which each request was let through. */
  readonly passedAt: readonly number[];
  /** By how many milliseconds requests came back before the time that they were told. */
  readonly early: readonly number[];
  /** How many requests were open at once, at most. */
  readonly peak: number;
  change(behaviour: Behaviour): void;
}

/** Starts the server on a free port of the loopback interface. */
export async function limitedServer(behaviour: Behaviour): Promise<LimitedServer> {
  const counts = { answered: 0, refused: 0, failed: 0 };
  const passedAt: number[] = [];
  const early: number[] = [];
  /** By body: the time that it was told, since the epoch. */
  const toldUntil = new Map<string, number>();
  let current = behaviour;
  let windows = windowsOf(current);
  let firstAt = Number.NaN;
  let open = 0;
  let peak = 0;
  let served = 0;

  async function serve(body: string, response: ServerResponse): Promise<void> {
    if (Number.isNaN(firstAt)) firstAt = performance.now();
    const earlyMs = (toldUntil.get(body) ?? 0) - Date.now();
    if (earlyMs > 0) early.push(earlyMs);
    if (current.down) {
      counts.failed++;
      return send(response, 503, {}, { error: { message: 'The server is overloaded' } });
    }
    const cost = { requests: 1, tokens: tokensIn(body) };
    if (current.quota !== undefined && counts.answered >= current.quota) {
      counts.refused++;
      return send(response, 429, retryHeader(current, 0), {
        error: { message: 'You exceeded your quota', code: 'insufficient_quota' },
      });
    }
    const byChance = ++served % (current.refusesOneOf ?? Number.POSITIVE_INFINITY) === 0 ? 100 : 0;
    const waitMs = Math.max(byChance, ...windows.map(({ unit, window }) => window.waitMs(cost[unit])));
    if (waitMs > 0) {
      counts.refused++;
      const wish = retryHeader(current, waitMs);
      toldUntil.set(body, until(wish));
      return send(
        response,
        429,
        { ...announcement(windows, current), ...wish },
        {
          error: { message: 'Rate limit reached', code: 'rate_limit_exceeded' },
        },
      );
    }
    for (const { unit, window } of windows) window.use(cost[unit]);
    counts.answered++;
    passedAt.push(performance.now() - firstAt);
    const headers = announcement(windows, current);
    if (current.latency) await delay(current.latency);
    send(response, 200, headers, answer(cost.tokens));
  }

  const server = createServer((request, response) => {
    peak = Math.max(peak, ++open);
    response.on('close', () => open--);
    text(request)
      .then((body) => serve(body, response))
      .catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    counts,
    passedAt,
    early,
    get peak() {
      return peak;
    },
    change(behaviour) {
      current = { ...current, ...behaviour };
      if (behaviour.requests || behaviour.tokens) windows = windowsOf(current);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const now = () => performance.now();

interface NamedWindow {
  readonly unit: 'requests' | 'tokens';
  readonly window: SlidingWindow;
}

function windowsOf({ requests, tokens }: Behaviour): NamedWindow[] {
  return [
    ...(requests ? [{ unit: 'requests' as const, window: new SlidingWindow(requests, now) }] : []),
    ...(tokens ? [{ unit: 'tokens' as const, window: new SlidingWindow(tokens, now) }] : []),
  ];
}

function announcement(windows: readonly NamedWindow[], { announced }: Behaviour): Record<string, string> {
  if (!announced) return {};
  return Object.fromEntries(
    windows.flatMap(({ unit, window }) => [
      [`x-ratelimit-limit-${unit}`, String(window.limit)],
      [`x-ratelimit-remaining-${unit}`, String(window.remaining)],
      [`x-ratelimit-reset-${unit}`, `${Math.ceil(window.resetMs)}ms`],
    ]),
  );
}

function retryHeader({ retryAfter }: Behaviour, waitMs: number): Record<string, string> {
  switch (retryAfter) {
    case 'ms':
      return { 'retry-after-ms': String(Math.ceil(waitMs)) };
    case 'seconds':
      return { 'retry-after': String(Math.ceil(waitMs / 1000)) };
    case 'date':
      return { 'retry-after': new Date(Math.ceil((Date.now() + waitMs) / 1000) * 1000).toUTCString() };
    case 'nonsense':
      return { 'retry-after': 'soon' };
    default:
      return {};
  }
}

/** The time that such a header tells, since the epoch; timers may go off a millisecond early. */
function until(wish: Record<string, string>): number {
  const retryAfter = wish['retry-after'] ?? '';
  const date = Date.parse(retryAfter);
  if (retryAfter.endsWith('GMT')) return date - 2;
  const ms = Number(wish['retry-after-ms'] ?? Number(retryAfter) * 1000);
  return Number.isNaN(ms) ? 0 : Date.now() + ms - 2;
}

function tokensIn(body: string): number {
  const { input }: { input: string } = JSON.parse(body);
  return Math.ceil(input.length / 4) + 10;
}

function answer(tokens: number): object {
  return {
    status: 'completed',
    model: 'm',
    output: [{ type: 'message', content: [{ type: 'output_text', text: 'An answer.' }] }],
    usage: { input_tokens: tokens - 10, output_tokens: 10 },
  };
}

function send(response: ServerResponse, status: number, headers: Record<string, string>, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
