import { StepFailure } from '../../lib/errors.js';
import { Gate, type Permit } from '../../lib/lanes/gate.js';
import { Lane } from '../../lib/lanes/lane.js';
import type { LaneSettings } from '../../lib/lanes/settings.js';
import { ThroughputMeter } from '../../lib/progress/throughput.js';
import { randomFrom } from './random.js';
import { SlidingWindow, type WindowLimit } from './sliding-window.js';
import { virtualClock } from './virtual-clock.js';

/** A server, and calls to it that all want to start at once. */
export interface World extends WindowLimit {
  readonly calls: number;
  /** The limit is one of tokens, of which each call takes so many. Default: it is one of calls. */
  readonly tokens?: number;
  /** How many may be in flight. Default: 200. */
  readonly parallel?: number;
  readonly settings?: LaneSettings;
  /** Milliseconds that an answer takes. Default: 500. */
  readonly latency?: number;
  /** The longest that a refusal takes, milliseconds; where that is more than 3, each takes its own time. Default: 3. */
  readonly refusalMs?: number;
  /** Tells its limit with each answer. Default: false. */
  readonly announced?: boolean;
  /** Tells this limit with each refusal, not the one that it keeps: nothing remaining, all free again in half a second. */
  readonly claimed?: number;
  /** Tells when to come back, in milliseconds or in whole seconds. Default: not at all. */
  readonly told?: 'ms' | 'seconds';
  /** The limit from some time on. */
  readonly later?: WindowLimit & { readonly atMs: number };
  /** The share of calls that come up to 80 ms late. Default: 0. */
  readonly late?: number;
  /** Of what is left to chance. Default: the number of calls. */
  readonly seed?: number;
  /** Called each 100 ms while calls are left, with how many have been answered. */
  readonly look?: (now: number, lane: Lane, answered: number) => void;
  /** Answers 503 from then till then, milliseconds. */
  readonly down?: readonly [number, number];
}

/** What became of it. */
export interface Outcome {
  readonly wallMs: number;
  readonly answered: number;
  readonly refused: number;
  /** When each call was let through, milliseconds. */
  readonly passedAt: readonly number[];
  readonly peak: number;
}

/** All the calls through a gate and a lane, to a server with a real sliding window, in virtual time. */
export function limitedWorld(world: World): Outcome {
  const { calls, parallel = 200, settings = {}, latency = 500, refusalMs = 3 } = world;
  const { tokens, announced, claimed, told, later, down, look } = world;
  const clock = virtualClock();
  const random = randomFrom(world.seed ?? calls);
  const maxWaitMs = 3_600_000;
  const lane = new Lane(
    { type: 'openai' },
    { settings, maxWaitMs, onExhausted: () => {}, meter: new ThroughputMeter(), clock, random },
  );
  const gate = new Gate(parallel, [{ lane }], clock);
  const passedAt: number[] = [];
  let window = new SlidingWindow(world, clock.now);
  let answered = 0;
  let refused = 0;
  let open = 0;
  let peak = 0;

  function come(index: number): void {
    const admitted = (pass: Permit) => {
      peak = Math.max(peak, ++open);
      const lateness = random() < (world.late ?? 0) ? random() * 80 : 0;
      clock.after(0.5 + random() * 2 + lateness, () => serve(index, pass));
    };
    const pass = gate.tryEnter(0);
    if (pass) admitted(pass);
    else gate.queue(0, { flow: { index, branch: [] }, admitted, refused: () => {} });
  }

  function serve(index: number, pass: Permit): void {
    const now = clock.now();
    if (down && now >= down[0] && now < down[1]) {
      clock.after(3, () => end(index, pass, new StepFailure('server', '503')));
      return;
    }
    const waitMs = window.waitMs(tokens ?? 1);
    if (waitMs === 0) {
      window.use(tokens ?? 1);
      passedAt.push(now);
    } else refused++;
    const limitNews = { limit: window.limit, remaining: window.remaining, resetMs: window.resetMs };
    const news = tokens === undefined ? { requestLimit: limitNews } : { tokenLimit: limitNews, tokens };
    const failure = waitMs > 0 ? new StepFailure('rate_limit', '429', wishFor(waitMs, told)) : undefined;
    clock.after(failure ? refusalAfter() : latency * (0.8 + random() * 0.4), () => {
      if (announced) pass.call?.tell(news);
      if (failure && claimed)
        pass.call?.tell({ requestLimit: { limit: claimed, remaining: 0, resetMs: 500 } });
      end(index, pass, failure);
    });
  }

  function refusalAfter(): number {
    return refusalMs > 3 ? 3 + random() * (refusalMs - 3) : 3;
  }

  function end(index: number, pass: Permit, failure: StepFailure | undefined): void {
    open--;
    const fate = failure ? pass.call?.failed(failure, 0, index) : pass.call?.succeeded();
    if (!failure) answered++;
    else if (typeof fate === 'object') clock.after(fate.againInMs, () => come(index));
    else if (fate === 'retries') gate.rest(0, 2000 + random() * 6000, () => come(index));
    pass.leave();
  }

  if (later) clock.after(later.atMs, () => (window = new SlidingWindow(later, clock.now)));
  function lookAgain(): void {
    if (answered === calls) return;
    look?.(clock.now(), lane, answered);
    clock.after(100, lookAgain);
  }

  for (let index = 0; index < calls; index++) come(index);
  if (look) lookAgain();
  clock.run();
  return { wallMs: clock.now(), answered, refused, passedAt, peak };
}

function wishFor(waitMs: number, told: World['told']) {
  if (told === undefined) return {};
  return { retryAfterMs: told === 'ms' ? Math.ceil(waitMs) : Math.ceil(waitMs / 1000) * 1000 };
}
