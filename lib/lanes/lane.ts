import { FAILURES, type FailureKind, type StepFailure } from '../errors.js';
import type { LaneId, LaneNews } from '../step/lane.js';
import { type Clock, systemClock } from './clock.js';
import { type Call, Limits } from './limits.js';
import type { LaneSettings } from './settings.js';

/** How fast calls get through a lane that holds others back. */
export interface Throughput {
  /** Calls a second, of those that weren't refused. */
  readonly perSecond: number;
  /** For how long the limits held calls back of late, milliseconds; the wait that is to come counts. */
  readonly heldMs: number;
  /** Milliseconds until so many more calls have started. */
  msFor(calls: number): number;
}

/** Measures the throughput of a lane. Times are milliseconds of one clock. */
export interface Meter {
  /** A call starts. What is returned takes it back: it was refused. */
  started(now: number): () => void;
  /** Limits hold calls back for so long, as far as is known. */
  held(now: number, ms: number): void;
  /**
   * @param waitMs until the next call may start
   * @returns null where limits hold calls back for less than half of the time
   */
  at(now: number, waitMs: number): Throughput | null;
}

/** How a lane is set up. */
export interface LaneOptions {
  readonly settings: LaneSettings;
  /** The longest that one call waits for what its provider refuses it, milliseconds. */
  readonly maxWaitMs: number;
  /** Called once, with what makes it useless. */
  readonly onExhausted: (failure: StepFailure) => void;
  /** Default: its throughput isn't measured. */
  readonly meter?: Meter | undefined;
  readonly clock?: Clock | undefined;
  /** From 0 to 1, as Math.random (the default). */
  readonly random?: (() => number) | undefined;
}

/**
 * The verdict on a call that failed: it is made again when its turn comes, no sooner than in so many milliseconds; or
 * never; or its step's `retries` decide.
 */
export type Verdict = { readonly againInMs: number } | 'never' | 'retries';

/** One call in its lane. */
export interface LaneCall {
  /** Passes on limits and token counts; may be called several times. */
  readonly tell: (news: LaneNews) => void;
  /** It went well. */
  succeeded(): void;
  /**
   * It failed.
   *
   * @param waitedMs how long it has waited already since it was refused first
   * @param flow the position of the flow that it was for
   */
  failed(failure: StepFailure, waitedMs: number, flow: number): Verdict;
  /** It is over, whatever happened; called once, last. */
  end(): void;
}

/** Why a lane lets nothing through, and for how long. */
export interface Closing {
  readonly why: FailureKind;
  /** Milliseconds; null: unknown. */
  readonly ms: number | null;
}

/** A quota that should have been free by now isn't asked for sooner than this. */
const SHORTEST_SLEEP_MS = 60_000;
/** So many different flows in a row whose calls were refused for the key show that the key is bad. */
const KEY_REFUSALS = 5;
/** After these a call is made again. */
const REPEATED: ReadonlySet<FailureKind> = new Set(['rate_limit', 'quota', 'server', 'network', 'timeout']);
/** Where nothing has gone well for so long, the server was down. */
const DOWN_MS = 2000;

/**
 * Shared by the calls to one provider, with one key, to one model: how many are in flight, how fast they start, and the
 * limits that they met. A lane whose quota is used up sleeps until the quota is free again; where that time is unknown,
 * or later than `--max-wait` allows, the lane is exhausted for good.
 */
export class Lane {
  readonly id: LaneId;
  /** Calls that wait for it; the gate counts them. */
  waiting = 0;
  readonly #clock: Clock;
  readonly #maxWaitMs: number;
  readonly #concurrency: number;
  readonly #limits: Limits;
  readonly #meter: Meter | undefined;
  readonly #onExhausted: (failure: StepFailure) => void;
  #inFlight = 0;
  /** Since the epoch: the time counts that a computer spends asleep. */
  #sleepsUntil = 0;
  #exhausted: StepFailure | undefined;
  #wentWellAt: number;
  /** When the first call was started. */
  #beganAt: number | undefined;
  /** A call went well, also in an earlier session of the run. */
  #works = false;
  /** Flows whose calls were refused for the key, or on the way to the server, since a call went well. */
  readonly #keyRefusals = new Set<number>();
  #failing = false;
  /** Calls that wait to try again after a failure of the server. */
  readonly #resting = new Set<() => void>();

  constructor(
    id: LaneId,
    { settings, maxWaitMs, onExhausted, meter, clock = systemClock, random }: LaneOptions,
  ) {
    this.#meter = meter;
    this.id = id;
    this.#clock = clock;
    this.#maxWaitMs = maxWaitMs;
    this.#concurrency = settings.concurrency ?? Number.POSITIVE_INFINITY;
    this.#limits = new Limits(settings, random);
    this.#onExhausted = onExhausted;
    this.#wentWellAt = clock.now();
  }

  /** Its calls went well in an earlier session of the run. */
  trust(): void {
    this.#works = true;
  }

  /** Why it will never let anything through again. */
  get exhausted(): StepFailure | undefined {
    return this.#exhausted;
  }

  /** Why it lets nothing through at the moment; null: it does. */
  get closing(): Closing | null {
    if (this.#exhausted) return { why: this.#exhausted.kind, ms: null };
    const sleepMs = this.#sleepsUntil - this.#clock.date();
    if (sleepMs > 0) return { why: 'quota', ms: sleepMs };
    const ms = this.#limits.waitMs(this.#clock.now(), 0);
    return ms > 0 ? { why: 'rate_limit', ms } : null;
  }

  /** How long until the next call may start, in milliseconds. 0 or less: now; infinite: when another has ended. */
  waitMs(): number {
    if (this.#exhausted || this.#inFlight >= this.#concurrency) return Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    const ms = this.#limits.waitMs(now, this.#inFlight);
    if (this.waiting > 0 && Number.isFinite(ms)) this.#meter?.held(now, ms);
    return Math.max(this.#sleepsUntil - this.#clock.date(), ms);
  }

  /** How fast calls get through, where limits hold others back; null: they don't. */
  get throughput(): Throughput | null {
    if (this.waiting === 0) return null;
    const now = this.#clock.now();
    return this.#meter?.at(now, this.#limits.waitMs(now, 0)) ?? null;
  }

  start(): LaneCall {
    const now = this.#clock.now();
    this.#beganAt ??= now;
    const call = this.#limits.start(now, this.#inFlight);
    const takeBack = this.#meter?.started(now);
    this.#inFlight++;
    return {
      tell: (news) => this.#limits.told(call, news, this.#clock.now()),
      succeeded: () => this.#wentWell(call),
      failed: (failure, waitedMs, flow) => {
        if (REPEATED.has(failure.kind)) takeBack?.();
        return this.#failed(call, failure, waitedMs, flow);
      },
      end: () => {
        this.#inFlight--;
      },
    };
  }

  /** Calls back after this time, or as soon as a server that was down answers again. The result calls it off. */
  rest(ms: number, work: () => void): () => void {
    const wake = () => {
      callOff();
      work();
    };
    const stop = this.#clock.after(ms, wake);
    const callOff = () => {
      stop();
      this.#resting.delete(wake);
    };
    this.#resting.add(wake);
    return callOff;
  }

  #wentWell(call: Call): void {
    const now = this.#clock.now();
    const wasDown = this.#failing && now - this.#wentWellAt > DOWN_MS;
    this.#wentWellAt = now;
    this.#works = true;
    this.#keyRefusals.clear();
    this.#failing = false;
    if (wasDown) this.#limits.forget(now);
    this.#limits.answered(call, now);
    if (wasDown) for (const wake of [...this.#resting]) wake();
  }

  #failed(call: Call, failure: StepFailure, waitedMs: number, flow: number): Verdict {
    switch (FAILURES[failure.kind].lane) {
      case 'limit':
        return this.#refused(call, failure, waitedMs);
      case 'quota':
        return this.#usedUp(failure, waitedMs);
      case 'key':
        return this.#keyRefused(failure, flow);
      case 'server':
        if (isTooMuch(failure) && !this.#isDown) return this.#refused(call, failure, waitedMs);
        return this.#broken();
      case 'network':
        return this.#broken();
      case 'declined':
        return this.#declined(call, failure, flow);
      case 'answered':
        this.#wentWell(call);
        return 'retries';
      case 'nothing':
        return 'retries';
    }
  }

  /** Nothing has gone well for a while, and no other call may still. */
  get #isDown(): boolean {
    const since = Math.max(this.#wentWellAt, this.#beganAt ?? 0);
    return this.#inFlight <= 1 && this.#clock.now() - since > DOWN_MS;
  }

  /** The server, or the way to it, is. */
  #broken(): Verdict {
    this.#failing = true;
    this.#limits.failed(this.#clock.now());
    return 'retries';
  }

  /** Servers say so of one input, too, in words that aren't known: only several show that a key is bad that has worked. */
  #keyRefused(failure: StepFailure, flow: number): Verdict {
    this.#keyRefusals.add(flow);
    const isBad = !this.#works || this.#keyRefusals.size >= KEY_REFUSALS;
    return isBad ? this.#exhaust(failure) : 'never';
  }

  /** Declined by the model, which is an answer; or before the model saw it, which says nothing of limits. */
  #declined(call: Call, failure: StepFailure, flow: number): Verdict {
    if (failure.about === undefined) this.#wentWell(call);
    else this.#limits.declined(call, this.#clock.now());
    if (failure.about !== 'way') return 'retries';
    this.#keyRefusals.add(flow);
    return this.#keyRefusals.size >= KEY_REFUSALS ? this.#exhaust(failure) : 'retries';
  }

  #refused(call: Call, failure: StepFailure, waitedMs: number): Verdict {
    const now = this.#clock.now();
    const ownMs = this.#limits.refused(call, now, failure.retryAfterMs);
    const nothingWentWell = now - this.#wentWellAt > this.#maxWaitMs;
    if (nothingWentWell || (failure.retryAfterMs ?? 0) > this.#maxWaitMs) return this.#exhaust(failure);
    return this.#maySpend(waitedMs + Math.max(ownMs, this.#limits.waitMs(now, 0)), ownMs);
  }

  #usedUp(failure: StepFailure, waitedMs: number): Verdict {
    const now = this.#clock.date();
    const told = toldReset(failure, now);
    const ms = told === undefined ? Number.POSITIVE_INFINITY : Math.max(told - now, SHORTEST_SLEEP_MS);
    if (ms > this.#maxWaitMs) return this.#exhaust(failure);
    this.#sleepsUntil = Math.max(this.#sleepsUntil, now + ms);
    return this.#maySpend(waitedMs + ms);
  }

  #maySpend(waitMs: number, againInMs = 0): Verdict {
    return !this.#exhausted && waitMs <= this.#maxWaitMs ? { againInMs } : 'never';
  }

  #exhaust(failure: StepFailure): Verdict {
    if (!this.#exhausted) {
      this.#exhausted = failure;
      this.#onExhausted(failure);
    }
    return 'never';
  }
}

/** Servers and proxies that limit the rate say so, too, in place of 429 (nginx's limit_req by default). */
function isTooMuch({ status }: StepFailure): boolean {
  return status === 503 || status === 529;
}

/** A wait of seconds is what servers say whatever the reason: it frees no quota. */
function toldReset({ resetsAt, retryAfterMs = 0 }: StepFailure, now: number): number | undefined {
  return resetsAt ?? (retryAfterMs >= SHORTEST_SLEEP_MS ? now + retryAfterMs : undefined);
}
