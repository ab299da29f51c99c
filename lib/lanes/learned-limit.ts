import { Shortening } from './shortening.js';
import { Starts } from './starts.js';
import { corrected, firstWindow, type Reopening, type Window } from './window.js';

/** Until there are answers: at most so many starts in a second; */
const FIRST_STARTS = 200;
/** so many a millisecond at first, when a low limit would show; */
const FIRST_RATE = 0.2;
/** so much faster with each that isn't refused, up to a rate with which a hundred in flight lose a quarter of a second. */
const FASTER = FIRST_RATE / 30;
const FASTEST = 0.5;
/** While answers come and nothing was ever refused, the rate doubles about every so many milliseconds. */
const DOUBLING_MS = 50;
/** A start that is late by no more than this puts the next ones off by nothing: timers are late. */
const LATE_MS = 30;
/** After a refusal it is tried again when this time, or this share of the window, has passed; then after 1.2 times that. */
const FIRST_GAP_MS = 30;
const FIRST_GAP = 0.02;
const NEXT_GAP = 1.2;
/** The calls of a window are started within a quarter of it. */
const HURRY = 4;

/** A call that was started. */
export interface Start {
  readonly at: number;
  readonly epoch: Epoch;
}

/** The time between two refusals, and how many calls were let through in it. */
interface Epoch {
  readonly since: number;
  passed: number;
}

/** All is refused. */
interface Closure {
  readonly since: number;
  /** Refusals of calls that were started before are part of what is known already. */
  readonly cutAt: number;
  readonly triedAt: number;
  readonly gapMs: number;
  readonly wished: boolean;
  probe?: Probe;
}

/** The call that is to show whether something is let through again; and what is known if it is. */
interface Probe {
  readonly at: number;
  readonly window: Window;
  readonly shortening: Shortening;
}

/** How things stood when it was reopened, as long as the probe's refusal may still be on its way. */
interface Before {
  readonly probedAt: number;
  readonly closure: Closure;
  readonly window: Window | undefined;
  readonly shortening: Shortening | undefined;
  readonly epoch: Epoch;
  readonly before: Before | undefined;
}

/**
 * The limit of a server that doesn't tell it, learned from what it refuses. Pure: times are milliseconds of one clock,
 * told by the caller.
 *
 * The first starts are 200 a second at most, then ever more while answers come. A refusal closes the lane: single calls,
 * further and further apart, find out when something is let through again. Then it is known how many calls a window has,
 * and about how long it is; while answers come it is made shorter, until something is refused again. Failures of the
 * server change nothing.
 */
export class LearnedLimit {
  readonly #random: () => number;
  readonly #starts = new Starts();
  #rate = FIRST_RATE;
  #isAnswered = false;
  #window: Window | undefined;
  #shortening: Shortening | undefined;
  #closure: Closure | undefined;
  #before: Before | undefined;
  #epoch: Epoch = { since: 0, passed: 0 };
  #refusalTakesMs = 0;
  #nextAt = Number.NEGATIVE_INFINITY;
  /** Whether calls are held back by this limit, not by something else. */
  #pressed = false;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** How long until the next call may start, in milliseconds; 0 or less: now. */
  waitMs(now: number): number {
    return this.#nextAt - now;
  }

  /** @param alone no other call is in flight */
  start(now: number, alone: boolean): Start {
    this.#pressed = now - this.#nextAt <= LATE_MS;
    const closure = this.#closure;
    if (closure && !closure.probe) this.#probe(now, closure);
    else {
      if (closure?.probe) this.#reopen(closure, closure.probe);
      else if (alone && !this.#pressed) this.#epoch = { since: now, passed: 0 };
      this.#starts.add(now);
      if (!this.#isAnswered) this.#rate = Math.min(this.#rate + FASTER, FASTEST);
      this.#nextAt = this.#turnAfter(Math.max(this.#nextAt, now - LATE_MS), this.#window);
    }
    this.#epoch.passed++;
    return { at: now, epoch: this.#epoch };
  }

  /** The call was let through. */
  answered({ at }: Start, now: number): void {
    const probe = this.#closure?.probe;
    if (at === this.#before?.probedAt) this.#before = undefined;
    if (at === probe?.at) this.#nextAt = Math.min(this.#nextAt, this.#turnAfter(at, probe.window));
    if (!this.#isAnswered) this.#firstAnswer(now);
    if (!this.#window) this.#rate += 1 / DOUBLING_MS;
    else if (!this.#closure && this.#pressed) this.#window = this.#shortening?.answered(now, this.#window);
  }

  /** The server failed: this says nothing of its limits. */
  failed(now: number): void {
    this.#shortening?.interrupted(now);
  }

  /** The call wasn't let through; `wishMs`: how long the server wants us to wait. */
  refused(start: Start, now: number, wishMs?: number): void {
    this.#takeBack(start.at);
    if (start.epoch === this.#epoch) this.#epoch.passed--;
    this.#refusalTakesMs = Math.max(now - start.at, this.#refusalTakesMs * 0.95);
    this.#starts.remove(start.at);
    const last = this.#closure;
    if (last ? start.at <= last.cutAt : start.epoch !== this.#epoch) return;
    const gapMs = last ? last.gapMs * NEXT_GAP : this.#firstGapMs();
    const wished = wishMs !== undefined;
    this.#closure = { since: last?.since ?? now, cutAt: now, triedAt: start.at, gapMs, wished };
    const soonest = now + (wishMs ?? gapMs) * (1 + this.#random() / 20);
    this.#nextAt = last || wished ? soonest : Math.max(now, this.#goodAgainAt(start.at) ?? soonest);
  }

  #firstGapMs(): number {
    const window = this.#window;
    const gapMs = window
      ? Math.min(window.ms / window.calls, window.ms * FIRST_GAP)
      : Math.max(1 / this.#rate, FIRST_GAP_MS);
    return Math.max(gapMs, this.#refusalTakesMs);
  }

  /** Where a shorter window was only tried: when the one is over that is known to be long enough. */
  #goodAgainAt(triedAt: number): number | undefined {
    if (!this.#window) return undefined;
    const { calls, goodMs } = this.#window;
    const startedAt = this.#starts.ago(calls);
    return startedAt !== undefined && triedAt < startedAt + goodMs ? startedAt + goodMs : undefined;
  }

  /** Lets one call through, and the next when a refusal of this one would have come. */
  #probe(now: number, closure: Closure): void {
    const { passed, since: passedSince } = this.#epoch;
    const reopening = { ...closure, now, passed: Math.min(Math.max(passed, 1), Starts.most), passedSince };
    const window = this.#corrected(reopening);
    closure.probe = window
      ? { at: now, window, shortening: new Shortening(now, window, this.#shortening) }
      : newly(reopening);
    this.#starts.add(now);
    const answerAt = now + this.#refusalTakesMs * 1.25 + 5;
    this.#nextAt = Math.max(answerAt, this.#turnAfter(now, closure.probe.window));
  }

  /** Null also where it counts more calls than were let through: the refusals of some came after it was made. */
  #corrected(reopening: Reopening): Window | null {
    const window = this.#window;
    const startedAt = window && this.#starts.ago(window.calls);
    return window && startedAt !== undefined ? corrected(window, startedAt, reopening) : null;
  }

  /** The probe wasn't refused so far. */
  #reopen(closure: Closure, { at, window, shortening }: Probe): void {
    this.#before = {
      probedAt: at,
      closure,
      window: this.#window,
      shortening: this.#shortening,
      epoch: this.#epoch,
      before: this.#before,
    };
    this.#closure = undefined;
    this.#window = window;
    this.#shortening = shortening;
    this.#epoch = { since: at, passed: 1 };
  }

  /** Where the probe was refused after all, only later than others: as if it hadn't been reopened. */
  #takeBack(refusedAt: number): void {
    let before = this.#before;
    while (before && before.probedAt !== refusedAt) before = before.before;
    if (!before) return;
    this.#closure = before.closure;
    this.#window = before.window;
    this.#shortening = before.shortening;
    this.#epoch = before.epoch;
    this.#before = before.before;
  }

  /** What was held back for want of one needn't wait any longer. */
  #firstAnswer(now: number): void {
    this.#isAnswered = true;
    if (!this.#window && !this.#closure) this.#nextAt = Math.min(this.#nextAt, now);
  }

  #turnBeforeAnswers(): number {
    return this.#isAnswered ? Number.NEGATIVE_INFINITY : this.#after(FIRST_STARTS, 1000);
  }

  #turnAfter(lastAt: number, window: Window | undefined): number {
    if (!window) return Math.max(lastAt + 1 / this.#rate, this.#turnBeforeAnswers());
    const { calls, ms } = window;
    return Math.max(lastAt + ms / calls / HURRY, this.#after(calls, ms));
  }

  /** So long after the `nth` start from the end; any time where there are fewer. */
  #after(nth: number, ms: number): number {
    return (this.#starts.ago(nth) ?? Number.NEGATIVE_INFINITY) + ms;
  }
}

function newly(reopening: Reopening): Probe {
  const window = firstWindow(reopening);
  return { at: reopening.now, window, shortening: new Shortening(reopening.now, window) };
}
