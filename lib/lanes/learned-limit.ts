import { Chance } from './chance.js';
import { Starts } from './starts.js';
import { Wish } from './wish.js';

/** The opening: starts a millisecond, more with each start, up to the fastest; and so many in a second. */
const OPENING = { rate: 0.2, faster: 0.2 / 30, fastest: 0.5, inSecond: 200 };
/** Once there are answers they double it about every so many milliseconds, with at most twice as many in flight. */
const DOUBLING_MS = 50;
const FIRST_IN_FLIGHT = 20;
/**
 * A start that is late by no more than this puts the next ones off by nothing: timers are late. One that is later than
 * this share of the window, too, was held back by something else.
 */
const LATE_MS = { opening: 30, paced: 4, pressed: 0.15 };
/** Refused for the first time, calls are held back for this long, or this share of the window; then for longer each time. */
const BACKOFF = { ms: 30, share: 0.03, factor: 1.5, longestMs: 60_000 };
/** A refusal is waited for no longer than this; and a little longer than the last one took. */
const REFUSAL = { longestMs: 10_000, factor: 1.25, marginMs: 5 };
/** No window is longer, so that no wait is. */
const LONGEST_MS = 3_600_000;
/** The calls of a window start within a quarter of it. */
const HURRY = 4;
/** A window is good when so many calls, or all of it, passed in so long, or in its own time where that is long. */
const PROOF = { calls: 40, ms: 400, longMs: 2000 };
/** It is known as exactly as this share; more roughly where each trial may cost a wait. */
const EXACT = { share: 0.04, ofWaitMs: 0.0001 };
/** A call is a trial where it is earlier than what is good by more than this share. */
const EARLY = 0.005;
/**
 * A known window is held for so long, or for so many times the wait that a refusal costs, and longer after each refusal;
 * then windows are tried that are shorter by this share, then by twice as much each time.
 */
const HOLD = { firstMs: 1000, ofWait: 5, factor: 4, longestMs: 60_000, share: 0.01, mostShare: 0.25 };
/** A window that was good, but was refused, is longer by this share. */
const SLOWER = 0.03;
/** Slowing down was in vain where no more calls than this pass until the next refusal. */
const FEW = 30;

/** At most so many calls in any time of this length, milliseconds. */
interface Window {
  readonly calls: number;
  readonly ms: number;
  /** The shortest time with which nothing was refused, and the longest with which something was. */
  readonly goodMs: number;
  readonly badMs: number;
  readonly isProven: boolean;
}

/** A call that was started. */
export interface Start {
  readonly at: number;
  readonly number: number;
}

/** The state before a probe that seemed to pass. */
interface Reopening {
  /** When the probe was started. */
  readonly at: number;
  readonly openedAt: number;
  readonly backoffMs: number;
}

/**
 * The limit of a server that doesn't tell it, learned from what it refuses: a sliding window, so many calls in so long
 * a time, whatever way the server counts. Pure: times are milliseconds of one clock, told by the caller.
 *
 *     opening ── refused ──> closed <───── refused ───── open
 *        ^                    │  ^                        ^
 *        │           backoff, or │ refused                │
 *        │          the wish  v  │                        │
 *        └── chance? ─────── probe ───── passes ──────────┘
 *
 * The opening is a slow start. A refusal closes the lane; single calls probe it, with exponential backoff, until one
 * passes: the calls that passed until then, and their time, are the window. Then its length is found by galloping
 * search: by bisection between the shortest that was good and the longest that was refused; where they meet it is held,
 * and then shorter ones are tried, ever shorter. A trial that is refused is taken back. If what was good is refused it
 * becomes a little longer, at least as long as calls took on average since the lane was opened; and if the probe is
 * refused, too, backoff finds the length from above again.
 *
 * Where slowing down is in vain, refusals may be chance (see `Chance`): then the lane opens anew.
 */
export class LearnedLimit {
  readonly #random: () => number;
  readonly #starts = new Starts();
  readonly #chance = new Chance();
  readonly #wish = new Wish();
  /** Of the opening. */
  #rate = OPENING.rate;
  #answers = 0;
  /** Undefined: the opening. */
  #window: Window | undefined;
  /** The window as of the last answer. */
  #answered: Window | undefined;
  /** When the lane was opened. */
  #openedAt = Number.NaN;
  #isClosed = false;
  /** When the call was started of which it isn't known yet whether it is refused. */
  #probedAt: number | undefined;
  #backoffMs = 0;
  #reopening: Reopening | undefined;
  #nextAt = Number.NEGATIVE_INFINITY;
  #started = 0;
  /** This limit holds calls back, nothing else. */
  #isPressed = false;
  /** The latest start that was refused; when that was handled; how long refusals take. */
  #refused = { at: Number.NEGATIVE_INFINITY, handledAt: Number.NEGATIVE_INFINITY, ms: 0 };
  #inVain = 0;
  #provenAt = 0;
  #hold = { since: 0, ms: HOLD.firstMs, share: HOLD.share };

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** How long until the next call may start, in milliseconds. 0 or less: now; infinite: when another has ended. */
  waitMs(now: number, inFlight: number): number {
    const isSlowStart = !this.#window && !this.#isClosed && this.#answers > 0;
    const isFull = isSlowStart && inFlight >= Math.max(FIRST_IN_FLIGHT, 2 * this.#answers);
    return isFull ? Number.POSITIVE_INFINITY : this.#nextAt - now;
  }

  /** @param inFlight how many other calls are */
  start(now: number, inFlight: number): Start {
    const latestMs = Math.max(LATE_MS.opening, (this.#window?.ms ?? 0) * LATE_MS.pressed);
    this.#isPressed = now - this.#nextAt <= latestMs;
    const isIdle = inFlight === 0 && !this.#isPressed && !this.#isClosed;
    if (Number.isNaN(this.#openedAt) || isIdle) this.#openedAt = now;
    const isProbe = this.#isClosed && this.#probedAt === undefined;
    if (isProbe) this.#probe(now);
    else this.#goOn(now);
    this.#starts.add(now);
    const lateMs = this.#window ? LATE_MS.paced : LATE_MS.opening;
    const turnAt = this.#turnAfter(isProbe ? now : Math.max(this.#nextAt, now - lateMs));
    this.#nextAt = isProbe
      ? Math.max(now + this.#refused.ms * REFUSAL.factor + REFUSAL.marginMs, turnAt)
      : turnAt;
    return { at: now, number: ++this.#started };
  }

  /** The call wasn't refused. */
  answered({ at }: Start, now: number): void {
    this.#answers++;
    this.#chance.answered();
    if (at === this.#probedAt) this.#nextAt = Math.min(this.#nextAt, this.#turnAfter(at));
    this.#answered = this.#window;
    const isHeld = now < this.#refused.handledAt + this.#wish.ms;
    if (this.#window || this.#isClosed || isHeld) return;
    this.#rate += 1 / DOUBLING_MS;
    this.#nextAt = Math.min(this.#nextAt, this.#answers === 1 ? now : now + 1 / this.#rate);
  }

  /** The server failed: this says nothing of its limits. */
  failed(now: number): void {
    this.#provenAt = now;
  }

  /** The server was down: what it refused since the last answer says nothing of its limits. */
  forget(now: number): void {
    this.#open(this.#openedAt, this.#answered);
    this.#nextAt = now;
  }

  /**
   * The call was refused.
   *
   * @param wishMs how long the server wants us to wait. Default: it doesn't say
   * @returns how long this call has to wait, milliseconds, where the others don't
   */
  refused({ at, number }: Start, now: number, wishMs = 0): number {
    const { handledAt, ms } = this.#refused;
    this.#starts.remove(at);
    this.#refused.at = Math.max(at, this.#refused.at);
    this.#refused.ms = Math.min(Math.max(now - at, ms * 0.95), REFUSAL.longestMs);
    if (this.#chance.explains(number)) return wishMs;
    // Others of its burst are no further news, but they may have been told to wait for longer.
    if (at < handledAt) return Math.min(wishMs, this.#wish.ms);
    this.#refused.handledAt = now;
    if (at === this.#reopening?.at) this.#takeBack(this.#reopening);
    this.#probedAt = undefined;
    this.#wish.heard(now, wishMs);
    this.#close(at, now, this.#starts.since(handledAt) > FEW);
    return 0;
  }

  /** The probe was refused after all, only later than others: as if the lane hadn't been reopened. */
  #takeBack({ openedAt, backoffMs }: Reopening): void {
    this.#openedAt = openedAt;
    this.#backoffMs = backoffMs;
    this.#isClosed = true;
  }

  #close(at: number, now: number, wasOpenForLong: boolean): void {
    const window = this.#window;
    const isSearched = this.#backoffMs > 0;
    const triedMs = window ? at - this.#starts.before(at, window.calls) : 0;
    const isTrial = window && !this.#isClosed && triedMs < window.goodMs * (1 - EARLY);
    if (!isTrial && !isSearched) this.#inVain = wasOpenForLong ? 0 : this.#inVain + 1;
    if (this.#chance.suspects(this.#inVain + (this.#wish.ms > 0 ? 1 : 0))) {
      this.#inVain = 0;
      this.#rate = OPENING.rate;
      this.#open(now, undefined);
      this.#nextAt = now + this.#spread(this.#wish.ms);
      return;
    }
    const wasMeasured = window && (window.isProven || this.#passed >= window.calls);
    if (window && !this.#isClosed && (isTrial || wasMeasured))
      this.#lengthen(window, triedMs, isTrial === true, now);
    else this.#backOff(now, isSearched);
    this.#isClosed = true;
  }

  /** A trial is taken back; a window that was good becomes longer. The next call is the probe of it. */
  #lengthen(window: Window, triedMs: number, isTrial: boolean, now: number): void {
    const passed = Math.max(window.calls, this.#passed);
    const averageMs = (window.calls * (now + this.#wish.ms - this.#openedAt)) / passed;
    const slowerMs = Math.min(Math.max(window.goodMs * (1 + SLOWER), averageMs), LONGEST_MS);
    const ms = isTrial ? window.goodMs : slowerMs;
    const badMs = Math.min(Math.max(window.badMs, Math.min(triedMs, window.goodMs)), ms * 0.99);
    this.#window = { ...window, ms, goodMs: ms, badMs };
    this.#nextAt = Math.max(this.#turnAfter(now - ms), now + this.#wish.ms);
  }

  #backOff(now: number, isSearched: boolean): void {
    const { calls, ms } = this.#window ?? { calls: 1, ms: BACKOFF.ms / BACKOFF.share };
    this.#backoffMs = isSearched
      ? Math.min(this.#backoffMs * BACKOFF.factor, BACKOFF.longestMs)
      : Math.max(Math.min(ms / calls, ms * BACKOFF.share), this.#refused.ms);
    this.#nextAt = now + this.#spread(this.#wish.ms || this.#backoffMs);
    this.#inVain = Math.min(this.#inVain, 1);
  }

  /** A little longer, by chance: not all that wait are to come back at once. */
  #spread(ms: number): number {
    return ms * (1 + this.#random() / 20);
  }

  #probe(now: number): void {
    this.#probedAt = now;
    if (this.#backoffMs > 0) this.#window = this.#measured(now);
  }

  /** The window if a call that starts now passes. A wish is longer than needed by up to all of it. */
  #measured(now: number): Window {
    const { calls: most = Number.POSITIVE_INFINITY, isProven = false } = this.#window ?? {};
    const calls = Math.max(1, Math.min(this.#passed, most));
    const from = Math.max(this.#starts.before(now, calls), this.#openedAt);
    const ms = Math.min(Math.max(1, now - from), LONGEST_MS);
    const badMs = Math.max(0, this.#refused.at - from, this.#wish.ms > 0 ? ms - this.#wish.ms : 0);
    return { calls, ms, goodMs: ms, badMs: Math.min(badMs, ms), isProven };
  }

  #goOn(now: number): void {
    if (this.#probedAt !== undefined) this.#reopen(this.#probedAt, now);
    if (this.#window && this.#isPressed) this.#prove(now, this.#window);
    if (!this.#window && this.#answers === 0)
      this.#rate = Math.min(this.#rate + OPENING.faster, OPENING.fastest);
  }

  /** The probe that was started at that time passed. */
  #reopen(at: number, now: number): void {
    const isNew = this.#backoffMs > 0;
    const costMs = Math.max(2 * (this.#window?.ms ?? 0), HOLD.ofWait * this.#wish.ms);
    const ms = Math.max(HOLD.firstMs, isNew ? costMs : HOLD.factor * this.#hold.ms);
    this.#hold = { since: now, ms: Math.min(ms, HOLD.longestMs), share: HOLD.share };
    this.#wish.passed(at);
    this.#provenAt = now;
    this.#reopening = isNew ? { at, openedAt: this.#openedAt, backoffMs: this.#backoffMs } : undefined;
    this.#open(at, this.#window);
  }

  #open(at: number, window: Window | undefined): void {
    this.#window = window;
    this.#openedAt = at;
    this.#isClosed = false;
    this.#probedAt = undefined;
    this.#backoffMs = 0;
  }

  /** A window is good when its calls started so long ago that refusals would have come. */
  #prove(now: number, window: Window): void {
    const { calls, ms, badMs } = window;
    const until = now - this.#refused.ms * REFUSAL.factor;
    if (until - this.#provenAt < Math.max(PROOF.ms, ms > PROOF.longMs ? ms : 0)) return;
    const passed = this.#starts.since(this.#provenAt) - this.#starts.since(until);
    if (passed < Math.min(calls, PROOF.calls)) return;
    this.#provenAt = now;
    const good = { ...window, goodMs: Math.min(window.goodMs, ms), isProven: true };
    if (ms - badMs > (EXACT.share + EXACT.ofWaitMs * this.#wish.ms) * ms) {
      this.#window = { ...good, ms: (ms + badMs) / 2 };
      this.#hold.since = now;
    } else if (now - this.#hold.since > this.#hold.ms) {
      const shorterMs = ms * (1 - this.#hold.share);
      this.#window = { ...good, ms: shorterMs, badMs: shorterMs * 0.99 };
      this.#hold.share = Math.min(2 * this.#hold.share, HOLD.mostShare);
    }
  }

  /** Calls that passed since the lane was opened. */
  get #passed(): number {
    return this.#starts.since(this.#openedAt);
  }

  /** When the next call may start, if the last one started then. */
  #turnAfter(lastAt: number): number {
    const window = this.#window;
    if (window)
      return Math.max(lastAt + window.ms / window.calls / HURRY, this.#starts.ago(window.calls) + window.ms);
    const turnAt = lastAt + 1 / this.#rate;
    return this.#answers === 0 ? Math.max(turnAt, this.#starts.ago(OPENING.inSecond) + 1000) : turnAt;
  }
}
