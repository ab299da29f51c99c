import type { LimitNews } from '../step/lane.js';
import { RecentUse } from './recent-use.js';

/** Units used when a call started, those of the call included. */
export interface Mark {
  /** Ever. */
  readonly total: number;
  /** In the last period. */
  readonly recent: number;
}

/** A start that is late by no more than this puts the next ones off by nothing: timers are late. */
const LATE_MS = 30;
/** The server hears of a call later than we, and so forgets it later. */
const MARGIN = 1.005;
const MARGIN_MS = 15;
const LARGEST_MARGIN = 0.1;
/** A refusal makes the period longer by this, up to twice as long. */
const LONGER = 1.03;
const LONGEST = 2;
/** Windows that end at a moment of the clock are told so to within this share of their length, and this time. */
const SAME_END = 0.01;
const SAME_END_MS = 20;
/** A limit of which we have used less than this share isn't used up by us. */
const GOOD_PART = 0.5;
/** The room of a period is used within a quarter of it: a burst would arrive late. */
const HURRY = 4;

/**
 * Keeps within one limit that a server announces, so that it needn't refuse. Pure: times are milliseconds of one clock,
 * told by the caller.
 *
 * Servers count in two ways. In a window, what was used is free again a period after its use; in a bucket, it trickles
 * back all the time, and the fuller the bucket is, the shorter the time that they tell. So a call may start if the last
 * period leaves room for it, or, with a bucket, if it is its turn at a rate of the whole limit in the time told last.
 */
export class AnnouncedLimit {
  #limit = Number.POSITIVE_INFINITY;
  #msPerUnit = 0;
  /** All units that were ever used, and since when. */
  #total = 0;
  #firstAt = 0;
  readonly #recent = new RecentUse();
  /** Used by others who have the same key. */
  #foreign = { units: 0, until: 0 };
  #turnAt = 0;
  #hurryAt = 0;
  /** The news with the smallest and the largest share of the limit in use. */
  #low = { share: 1, resetMs: 0 };
  #high = { share: 0, resetMs: 0 };
  #refused = false;
  #resetMs = 0;
  #refusedAt = Number.NEGATIVE_INFINITY;
  #holdMs = MARGIN_MS;
  /** The period as what is told shows it, over the longest time that was told until all is free again. */
  #stretch = 1;
  /** Used less than we count, in all answers of a period. */
  #surplus = { share: 1, until: 0 };
  /** The first and the last end of the window that were told since it began, and when. */
  #end = { at: Number.NEGATIVE_INFINITY, toldAt: 0, isFixed: false };

  /** A limit was announced. */
  get known(): boolean {
    return this.#limit < Number.POSITIVE_INFINITY;
  }

  /** How long until so many units may be used, in milliseconds; 0 or less: now. */
  waitMs(now: number, units: number): number {
    if (!this.known) return 0;
    const roomMs = Math.max(this.#hurryAt - now, this.#untilRoom(now, Math.min(units, this.#limit)));
    return this.#trickles ? Math.min(this.#turnAt - now, roomMs) : roomMs;
  }

  /** Uses units, whether there is room or not; fewer than 0 are given back. The mark is for the answer's news. */
  use(now: number, units: number): Mark {
    if (this.#total === 0) this.#firstAt = now;
    this.#total += units;
    this.#roll(now);
    this.#recent.add(now, units);
    if (!this.known) return { total: this.#total, recent: this.#recent.units(now) };
    const ms = units * this.#msPerUnit;
    this.#turnAt = Math.max(this.#turnAt, now - LATE_MS) + ms;
    this.#hurryAt = Math.max(this.#hurryAt, now - LATE_MS) + ms / HURRY;
    return { total: this.#total, recent: this.#recent.units(now) };
  }

  /** @param mark of the call that was answered: what was used later isn't in the news */
  told(now: number, { limit, remaining, resetMs }: LimitNews, mark: Mark): void {
    const isFirst = !this.known;
    const used = limit - remaining;
    if (used <= this.#low.share * limit) this.#low = { share: used / limit, resetMs };
    if (used >= this.#high.share * limit) this.#high = { share: used / limit, resetMs };
    this.#limit = limit;
    this.#msPerUnit = (resetMs / limit) * MARGIN;
    this.#resetMs = Math.max(this.#resetMs, resetMs);
    this.#setPeriod();
    this.#observeEnd(now, resetMs);
    const later = this.#total - mark.total;
    if (this.#isBucket) this.#turnAt = Math.min(this.#turnAt, now + (later + 1) * this.#msPerUnit);
    if (isFirst) this.#turnAt = this.#firstAt + this.#total * this.#msPerUnit;
    else {
      this.#suspect(now, used - mark.recent, resetMs);
      this.#compare(now, used / mark.recent, resetMs);
    }
  }

  #setPeriod(): void {
    const marginMs = Math.min(MARGIN_MS, this.#resetMs * LARGEST_MARGIN);
    this.#recent.periodMs = this.#resetMs * MARGIN * this.#stretch + marginMs;
  }

  /** The end of a sliding window moves on with each call, that of a fixed one stays. */
  #observeEnd(now: number, resetMs: number): void {
    const at = now + resetMs;
    const sameMs = SAME_END_MS + resetMs * SAME_END;
    const { at: before, toldAt } = this.#end;
    if (before <= now || Math.abs(at - before) > sameMs) this.#end = { at, toldAt: now, isFixed: false };
    else if (now - toldAt > 2 * sameMs) this.#end.isFixed = true;
  }

  /** All that was used before the end of a fixed window is free again. */
  #roll(now: number): void {
    if (!this.#end.isFixed || now < this.#end.at) return;
    this.#recent.clear();
    this.#end.isFixed = false;
  }

  /** Where a server never counts as much as we do (it limits calls in flight), what was used is free again sooner. */
  #compare(now: number, share: number, resetMs: number): void {
    if (this.#isBucket || this.#end.isFixed) return;
    this.#surplus.share = Math.max(this.#surplus.share, share);
    if (this.#surplus.until > now) return;
    if (this.#surplus.share < 0.9 && this.#surplus.until > 0) {
      this.#stretch *= Math.max(this.#surplus.share, 0.5);
      this.#setPeriod();
    }
    this.#surplus = { share: 0, until: now + resetMs * this.#stretch };
  }

  /** True: we used enough of it for a refusal. Else the refusal is by another limit, lower than the announced one. */
  explains({ recent }: Mark): boolean {
    return recent >= this.#limit * GOOD_PART;
  }

  /** A call came too early, and isn't counted; and what was used doesn't trickle back. */
  refused(now: number, startedAt: number, units: number): void {
    this.#refused = true;
    this.#recent.add(now, -units);
    // Others of its burst are no further news.
    if (startedAt <= this.#refusedAt) return;
    this.#holdMs = now - this.#refusedAt < this.#resetMs ? 2 * this.#holdMs : MARGIN_MS;
    this.#refusedAt = now;
    this.#hurryAt = Math.max(this.#hurryAt, now + this.#holdMs);
    this.#stretch = Math.min(this.#stretch * LONGER, LONGEST);
    this.#setPeriod();
  }

  /** In a bucket, twice the use takes twice as long to come back; in a window, it takes as long. */
  get #isBucket(): boolean {
    return this.#showsKind && this.#high.resetMs >= 1.5 * this.#low.resetMs;
  }

  get #showsKind(): boolean {
    return this.#high.share >= 2 * this.#low.share;
  }

  get #trickles(): boolean {
    return !this.#refused && (this.#isBucket || !this.#showsKind);
  }

  /** Calls overtake each other on their way: only what all answers of a period say was used by others. */
  #suspect(now: number, units: number, resetMs: number): void {
    if (this.#foreign.until > now && units >= this.#foreign.units) return;
    this.#foreign = { units: Math.max(0, units), until: now + resetMs };
  }

  #untilRoom(now: number, units: number): number {
    this.#roll(now);
    const foreign = this.#foreign.until > now ? this.#foreign.units : 0;
    const missing = this.#recent.units(now) + foreign + units - this.#limit;
    if (missing <= 0) return 0;
    const roomAt = this.#recent.forgottenAt(missing) ?? this.#foreign.until;
    return Math.min(roomAt, this.#end.isFixed ? this.#end.at + MARGIN_MS : roomAt) - now;
  }
}
