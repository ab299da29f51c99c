import { halved, isTrial, LONGEST_PACE_MS, type Pace, quickened, safe, slowed } from './pace.js';
import { Starts } from './starts.js';

/** The opening rate, starts a millisecond; each start raises it until there are answers, up to the fastest. */
const FIRST_RATE = 0.2;
const FASTER = FIRST_RATE / 30;
const FASTEST = 0.5;
/** Until there are answers: at most so many in a second. */
const FIRST_STARTS = 200;
/** Then answers double it about every so many milliseconds, with at most twice as many in flight as were answered. */
const DOUBLING_MS = 50;
const FIRST_IN_FLIGHT = 20;
/** A start that is late by no more than this puts the next ones off by nothing: timers are late. */
const LATE_MS = { opening: 30, paced: 4 };
/** A closed lane is probed after this time, then after so many times longer. */
const FIRST_GAP_MS = 30;
const NEXT_GAP = 1.5;
const LONGEST_GAP_MS = 60_000;
/** Refusals are waited for no longer than this. */
const LONGEST_REFUSAL_MS = 10_000;
/** Until a server has shown that it means longer wishes (a date has whole seconds), it is asked again after this time, then after twice as long. */
const FIRST_WISH_MS = 2000;
/** It means it where it refuses calls for this share of the time. */
const MEANT = 0.5;
/** The calls of a burst are started within a quarter of its pace's time. */
const HURRY = 4;
/** So many answers in so long a time prove a pace. */
const PROOF = { answers: 40, ms: 400 };
/** A pace whose time is longer than this is proven by no less than its time. */
const LONG_MS = 2000;
/** A refusal takes this share off a pace that was good, and twice as much each time that it is in vain: */
const SLOWER = 0.03;
/** that fewer calls than this pass until the next refusal. */
const FEW = 60;
/** So often in vain, the lane is tested for chance: so many calls are started at once. A failed test doubles the number. */
const IN_VAIN = { first: 2, most: 4 };
/** More often in vain, it is measured anew. */
const MOST_SLOWED = 6;
const TESTS = 6;
/** Where refusals are chance, so many in a row are news. */
const IN_A_ROW = 3;
/** So many calls without any show that they aren't. */
const MANY = 200;
/** A pace is held for so long before a faster one is tried: by this share, then by twice as much each time. */
const HOLD_MS = { first: 1000, longest: 60_000 };
const QUICKER = { first: 0.01, most: 0.25 };

/** A call that was started. */
export interface Start {
  readonly at: number;
  readonly number: number;
  readonly epoch: number;
  /** How long after the call that is as far back as a burst has calls; infinite where there was none. */
  readonly ms: number;
}

/** How long the server wanted us to wait when it refused calls first; and how long we do, as it wants now. */
interface Wish {
  readonly since: number;
  readonly firstMs: number;
  readonly waitMs: number;
  /** No call is started before. */
  readonly until: number;
}

/** Calls are refused: the next one that is started is a probe. */
interface Closure {
  /** When the call was started that was refused last. */
  readonly triedAt: number;
  readonly gapMs: number;
  readonly wish: Wish | undefined;
  /** What is known if the probe passes; undefined: what has passed until then is measured. */
  readonly pace: Pace | undefined;
  readonly refusals: number;
  /** Whether the probe is a number of calls that test for chance. */
  readonly isTest: boolean;
  /** Calls of the probe that are still to be started. */
  left: number;
}

/** How things stood before the lane was reopened by a probe. */
interface Before {
  readonly probedAt: number;
  readonly closure: Closure;
  readonly pace: Pace | undefined;
  readonly epoch: Epoch;
}

/** What was started since the lane was opened, and not refused. */
interface Epoch {
  readonly number: number;
  readonly since: number;
  passed: number;
}

/**
 * The limit of a server that doesn't tell it, learned from what it refuses. Pure: times are milliseconds of one clock,
 * told by the caller.
 *
 *     opening ── refused ──> closed <── refused ── paced
 *        ^                   │    ^                  ^
 *        │           gap, or wish │ refused          │
 *        │                   v    │                  │
 *        └── test passes ── probing ── passes ───────┘
 *
 * The opening starts calls ever faster. A refusal closes the lane, and single calls, further and further apart, probe it.
 * One that passes reopens it. What has passed until then, and the time that it took, is the pace: a rate with a burst.
 * The pace is made faster by bisection, between the time that was good and the time that was bad; then it is held, for
 * twice as long after each refusal, and made a little faster again. A refusal of a known pace makes it as slow as it was
 * good; a second one in a row as slow as it was measured; a third one closes the lane, and it is measured again.
 *
 * Where slowing down is in vain, refusals may be chance. Then a burst tests the lane. If it passes, the lane opens anew,
 * and only several refusals in a row are news, until many calls have passed without any.
 */
export class LearnedLimit {
  readonly #random: () => number;
  readonly #starts = new Starts();
  /** Of the opening. */
  #rate = FIRST_RATE;
  #answers = 0;
  #pace: Pace | undefined;
  #closure: Closure | undefined;
  #before: Before | undefined;
  /** What is known as of the last answer. */
  #answeredPace: Pace | undefined;
  #epoch: Epoch = { number: 0, since: Number.NaN, passed: 0 };
  #started = 0;
  #nextAt = Number.NEGATIVE_INFINITY;
  /** Whether calls are held back by this limit, not by something else. */
  #pressed = false;
  /** Refusals of calls that were started before are part of what is known already. */
  #cutAt = Number.NEGATIVE_INFINITY;
  /** The latest call that was refused, how many were in a row until then, and how long a refusal takes. */
  #refused = { at: Number.NEGATIVE_INFINITY, number: 0, inARow: 0, ms: 0 };
  #proof = { answers: 0, since: 0 };
  #hold = { since: 0, ms: HOLD_MS.first, share: QUICKER.first };
  #inVain = 0;
  #mostInVain = IN_VAIN.first;
  #byChance = false;
  #meansWishes = false;
  /** Answers since the last refusal. */
  #unrefused = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** How long until the next call may start, in milliseconds. 0 or less: now; infinite: when another has ended. */
  waitMs(now: number, inFlight: number): number {
    const isOpening = !this.#pace && !this.#closure && this.#answers > 0;
    if (isOpening && inFlight >= Math.max(FIRST_IN_FLIGHT, 2 * this.#answers))
      return Number.POSITIVE_INFINITY;
    return this.#nextAt - now;
  }

  /** @param inFlight how many other calls are */
  start(now: number, inFlight: number): Start {
    this.#pressed = now - this.#nextAt <= LATE_MS.opening;
    const closure = this.#closure;
    if (closure && closure.left > 0) this.#probe(closure, now);
    else {
      if (closure) this.#reopen(closure, this.#starts.ago(1) ?? now, now);
      else if (Number.isNaN(this.#epoch.since) || (inFlight === 0 && !this.#pressed)) this.#begin(now, 0);
      this.#goOn(now);
    }
    this.#epoch.passed++;
    const burstAt = this.#pace && this.#starts.ago(this.#pace.calls + 1);
    const ms = now - (burstAt ?? Number.NEGATIVE_INFINITY);
    return { at: now, number: ++this.#started, epoch: this.#epoch.number, ms };
  }

  /** The call wasn't refused. */
  answered({ at }: Start, now: number): void {
    this.#answers++;
    this.#unrefused++;
    if (this.#unrefused > MANY) this.#byChance = false;
    // A call that was started after the last one that was refused: the server lets calls through again.
    if (this.#closure && !this.#closure.isTest && at > this.#refused.at) this.#reopen(this.#closure, at, now);
    if (this.#closure) return;
    this.#answeredPace = this.#pace;
    if (this.#pace) {
      if (this.#pressed) this.#prove(now, this.#pace);
    } else {
      this.#rate += 1 / DOUBLING_MS;
      this.#nextAt = Math.min(this.#nextAt, this.#answers === 1 ? now : now + 1 / this.#rate);
    }
  }

  /** The server failed: this says nothing of its limits. */
  failed(now: number): void {
    this.#proof = { answers: 0, since: now };
  }

  /** The server was down: what it refused since the last answer says nothing of its limits. */
  forget(now: number): void {
    this.#pace = this.#answeredPace;
    this.#closure = undefined;
    this.#before = undefined;
    this.#inVain = 0;
    this.#begin(now, 0);
    this.#nextAt = now;
  }

  /** The call was refused; `wishMs`: how long the server wants us to wait. */
  refused(start: Start, now: number, wishMs = 0): void {
    this.#count(start, now);
    const isTolerated = this.#byChance || this.#closure?.isTest === true;
    if (start.at < this.#cutAt || (isTolerated && this.#refused.inARow < IN_A_ROW)) return;
    this.#cutAt = now;
    if (start.at === this.#before?.probedAt) this.#takeBack(this.#before);
    if (this.#closure) this.#closeAgain(this.#closure, start, now, wishMs);
    else this.#close(start, now, wishMs);
  }

  #count({ at, number, epoch }: Start, now: number): void {
    this.#starts.remove(at);
    if (epoch === this.#epoch.number) this.#epoch.passed--;
    this.#unrefused = 0;
    const last = this.#refused;
    const isNext = number - last.number <= 1;
    this.#refused = {
      at: Math.max(at, last.at),
      number: Math.max(number, last.number),
      inARow: isNext ? last.inARow + 1 : 1,
      ms: Math.min(Math.max(now - at, last.ms * 0.95), LONGEST_REFUSAL_MS),
    };
  }

  /** The probe was refused after all, only later than others: as if the lane hadn't been reopened. */
  #takeBack({ closure, pace, epoch }: Before): void {
    this.#closure = closure;
    this.#pace = pace;
    this.#epoch = { ...epoch, passed: epoch.passed + this.#epoch.passed - 1 };
    this.#before = undefined;
  }

  #close(start: Start, now: number, wishMs: number): void {
    if (this.#epoch.passed > FEW) this.#inVain = 0;
    else if (!this.#pace || !isTrial(this.#pace, start.ms)) this.#inVain++;
    const isTest = !this.#byChance && this.#inVain > this.#mostInVain;
    const share = SLOWER * 2 ** Math.max(0, this.#inVain - 1);
    const known = this.#inVain <= MOST_SLOWED ? this.#pace : undefined;
    const pace = known && slowed(known, start.ms, share);
    if (!known) this.#inVain = Math.min(this.#inVain, 1);
    const wish = this.#wish(now, wishMs, undefined);
    this.#wait(now, { triedAt: start.at, gapMs: this.#firstGapMs(), wish, pace, refusals: 1, isTest });
  }

  #closeAgain(last: Closure, start: Start, now: number, wishMs: number): void {
    if (last.isTest) {
      this.#inVain = 1;
      this.#mostInVain = Math.min(2 * this.#mostInVain, IN_VAIN.most);
    }
    const pace = this.#pace && last.refusals === 1 ? safe(this.#pace, start.ms) : undefined;
    const gapMs = last.pace ? last.gapMs : Math.min(last.gapMs * NEXT_GAP, LONGEST_GAP_MS);
    const wish = this.#wish(now, wishMs, last);
    this.#wait(now, { triedAt: start.at, gapMs, wish, pace, refusals: last.refusals + 1, isTest: false });
  }

  #wish(now: number, ms: number, last: Closure | undefined): Wish | undefined {
    if (ms <= 0) return undefined;
    const testMs = FIRST_WISH_MS * 2 ** (last && !last.pace ? last.refusals : 0);
    const { since, firstMs } = last?.wish ?? { since: now, firstMs: ms };
    const waitMs = this.#meansWishes ? ms : Math.min(ms, testMs);
    return { since, firstMs, waitMs, until: now + waitMs };
  }

  /** Until the next probe. A pace that is known is its own probe. */
  #wait(now: number, closed: Omit<Closure, 'left'>): void {
    const { gapMs, wish, pace, isTest } = closed;
    this.#closure = { ...closed, left: isTest ? TESTS + this.#callsIn(this.#refused.ms) : 1 };
    if (pace) this.#pace = pace;
    if (isTest) {
      this.#refused.inARow = 0;
      this.#nextAt = now;
      return;
    }
    const waitMs = wish?.waitMs ?? (pace ? 0 : gapMs);
    const turnAt = pace ? this.#turnAfter(now - pace.ms, pace) : now;
    this.#nextAt = Math.max(turnAt, now + waitMs * (1 + this.#random() / 20));
  }

  #firstGapMs(): number {
    const gapMs = this.#pace ? Math.min(this.#pace.ms / this.#pace.calls, this.#pace.ms / 50) : FIRST_GAP_MS;
    return Math.max(gapMs, this.#refused.ms);
  }

  /** Calls that the pace would have let through in that time. */
  #callsIn(ms: number): number {
    return this.#pace ? Math.ceil((ms * this.#pace.calls) / this.#pace.ms) : 0;
  }

  /** Lets one call through, and the next when a refusal of this one would have come; of a test, the next at once. */
  #probe(closure: Closure, now: number): void {
    const pace = this.#paceAfter(closure, now);
    this.#starts.add(now);
    closure.left--;
    const refusedAt = now + this.#refused.ms * 1.25 + 5;
    this.#nextAt = closure.left > 0 ? now : Math.max(refusedAt, this.#turnAfter(now, pace));
  }

  #goOn(now: number): void {
    if (this.#answers === 0) this.#rate = Math.min(this.#rate + FASTER, FASTEST);
    this.#starts.add(now);
    const lateMs = this.#pace ? LATE_MS.paced : LATE_MS.opening;
    this.#nextAt = this.#turnAfter(Math.max(this.#nextAt, now - lateMs), this.#pace);
  }

  /** What is known if a call that was started at that time passes. A wish is longer than was needed, by up to all of it. */
  #paceAfter({ pace, triedAt, wish }: Closure, at: number): Pace {
    if (pace) return pace;
    const passed = Math.max(this.#epoch.passed - 1, 1);
    const calls = Math.min(passed, this.#pace?.calls ?? Starts.most);
    const since = this.#starts.before(at, calls + 1) ?? this.#epoch.since;
    const ms = Math.min(Math.max(1, at - since), LONGEST_PACE_MS);
    const badMs = Math.min(ms, Math.max(0, triedAt - since, wish ? ms - wish.waitMs : 0));
    const averageMs = (calls * (at - this.#epoch.since)) / passed;
    return { calls, ms: Math.max(badMs, Math.min(averageMs, ms)), goodMs: ms, badMs, safeMs: ms };
  }

  /** A call that was started at that time passed. */
  #reopen(closure: Closure, at: number, now: number): void {
    if (closure.isTest) {
      this.#openAnew(now);
      return;
    }
    if (closure.wish) this.#judge(closure.wish, at);
    const pace = this.#paceAfter(closure, at);
    this.#before = { probedAt: at, closure, pace: this.#pace, epoch: this.#epoch };
    this.#pace = pace;
    this.#closure = undefined;
    this.#begin(at, 1);
    this.#proof = { answers: 0, since: now };
    const isNew = closure.pace === undefined;
    const ms = isNew ? Math.max(HOLD_MS.first, 2 * pace.ms) : Math.min(2 * this.#hold.ms, HOLD_MS.longest);
    this.#hold = { since: now, ms, share: QUICKER.first };
    this.#nextAt = Math.max(now, this.#turnAfter(at, pace), closure.wish?.until ?? now);
  }

  #judge({ since, firstMs }: Wish, passedAt: number): void {
    if (firstMs > FIRST_WISH_MS) this.#meansWishes = passedAt - since >= firstMs * MEANT;
  }

  /** Refusals are chance. */
  #openAnew(now: number): void {
    this.#byChance = true;
    this.#unrefused = 0;
    this.#inVain = 0;
    this.#pace = undefined;
    this.#closure = undefined;
    this.#begin(now, 0);
    this.#nextAt = now;
  }

  #begin(since: number, passed: number): void {
    this.#epoch = { number: this.#epoch.number + 1, since, passed };
  }

  #prove(now: number, pace: Pace): void {
    const answers = this.#proof.answers + 1;
    const isProven =
      answers >= Math.min(pace.calls, PROOF.answers) &&
      now - this.#proof.since >= Math.max(PROOF.ms, this.#refused.ms * 1.5, pace.ms > LONG_MS ? pace.ms : 0);
    this.#proof = isProven ? { answers: 0, since: now } : { ...this.#proof, answers };
    if (isProven) this.#quicken(now, pace);
  }

  #quicken(now: number, pace: Pace): void {
    const faster = halved(pace);
    if (faster) {
      this.#pace = faster;
      this.#hold.since = now;
    } else if (now - this.#hold.since > this.#hold.ms) {
      this.#pace = quickened(pace, this.#hold.share);
      this.#hold.share = Math.min(2 * this.#hold.share, QUICKER.most);
    }
  }

  #turnAfter(lastAt: number, pace: Pace | undefined): number {
    if (pace) return Math.max(lastAt + pace.ms / pace.calls / HURRY, this.#after(pace.calls, pace.ms));
    const turnAt = lastAt + 1 / this.#rate;
    return this.#answers === 0 ? Math.max(turnAt, this.#after(FIRST_STARTS, 1000)) : turnAt;
  }

  /** So long after the `nth` start from the end; any time where there are fewer. */
  #after(nth: number, ms: number): number {
    return (this.#starts.ago(nth) ?? Number.NEGATIVE_INFINITY) + ms;
  }
}
