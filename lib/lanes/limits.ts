import type { LaneNews, LimitNews } from '../step/lane.js';
import { AnnouncedLimit, type Mark } from './announced-limit.js';
import { Bucket } from './bucket.js';
import { LearnedLimit, type Start } from './learned-limit.js';
import type { LaneSettings } from './settings.js';

/** A call that has started, as the limits know it. */
export interface Call {
  readonly start: Start;
  readonly requests: Mark;
  readonly tokens: Mark;
  /** Tokens that it is counted with. */
  counted: number;
  /** The server had announced a limit before it started. */
  readonly informed: boolean;
  /** From its answer. */
  news: LaneNews;
}

/** A server that names a day must not hold a lane for a day: it is asked again. */
const LONGEST_MS = 120_000;
/** How much the newest call counts in the average of the tokens that calls take. */
const NEWEST = 1 / 8;

/** All that bounds the rate of a lane's calls: what the user allows, what the server tells, and what it refused. */
export class Limits {
  readonly #learned: LearnedLimit;
  readonly #requests = new AnnouncedLimit();
  readonly #tokens = new AnnouncedLimit();
  readonly #rpm: Bucket | undefined;
  readonly #tpm: Bucket | undefined;
  /** Of calls that were answered; until there are any, what the first is expected to take. */
  #tokensPerCall = 0;
  #isMeasured = false;

  constructor({ rpm, tpm }: LaneSettings, random?: () => number) {
    this.#learned = new LearnedLimit(random);
    this.#rpm = rpm === undefined ? undefined : new Bucket(rpm);
    this.#tpm = tpm === undefined ? undefined : new Bucket(tpm);
  }

  /** How long until the next call may start, in milliseconds; 0 or less: now. */
  waitMs(now: number, inFlight: number): number {
    return Math.max(
      this.#learned.waitMs(now, inFlight),
      this.#requests.waitMs(now, 1),
      this.#tokens.waitMs(now, this.#tokensPerCall),
      this.#rpm?.waitMs(1) ?? 0,
      this.#tpm?.waitMs(this.#tokensPerCall) ?? 0,
    );
  }

  /** @param inFlight other calls */
  start(now: number, inFlight: number): Call {
    const counted = this.#tokensPerCall;
    this.#rpm?.use(1);
    this.#tpm?.use(counted);
    return {
      start: this.#learned.start(now, inFlight),
      requests: this.#requests.use(now, 1),
      tokens: this.#tokens.use(now, counted),
      counted,
      informed: this.#informed,
      news: {},
    };
  }

  told(call: Call, news: LaneNews, now: number): void {
    call.news = { ...call.news, ...news };
    if (news.tokens !== undefined) this.#count(call, news.tokens, now);
  }

  answered({ start, counted, news, requests, tokens }: Call, now: number): void {
    if (news.requestLimit) this.#requests.told(now, believable(news.requestLimit), requests);
    if (news.tokenLimit) this.#tokens.told(now, believable(news.tokenLimit), tokens);
    this.#tokensPerCall += (counted - this.#tokensPerCall) * (this.#isMeasured ? NEWEST : 1);
    this.#isMeasured = true;
    this.#learned.answered(start, now);
  }

  /** It was declined for another reason than a limit: it used no tokens, and teaches nothing. */
  declined(call: Call, now: number): void {
    this.#count(call, 0, now);
    if (!this.#isMeasured) this.#tokensPerCall = 0;
  }

  failed(now: number): void {
    this.#learned.failed(now);
  }

  /** The server was down: what it refused meanwhile says nothing of its limits. */
  forget(now: number): void {
    this.#learned.forget(now);
  }

  /**
   * @param wishMs how long the server wants us to wait; else until what it says is used up is free again
   * @returns how long this call has to wait, milliseconds, where the others don't
   */
  refused(call: Call, now: number, wishMs?: number): number {
    const { announced, mark, units, resetMs } = this.#usedUp(call);
    if (!announced?.known || !announced.explains(mark)) {
      const wish = wishMs ?? resetMs;
      return this.#learned.refused(
        call.start,
        now,
        wish === undefined ? undefined : Math.min(wish, LONGEST_MS),
      );
    }
    // One that started before anything was known of the limit that is kept to now is no news.
    if (call.informed) announced.refused(now, call.start.at, units);
    return 0;
  }

  /** The limit that the server says is used up, and what the call used of it. */
  #usedUp({ news: { requestLimit, tokenLimit }, requests, tokens, counted }: Call) {
    if (requestLimit && requestLimit.remaining < 1) {
      return { announced: this.#requests, mark: requests, units: 1, resetMs: requestLimit.resetMs };
    }
    if (tokenLimit && tokenLimit.remaining < counted) {
      return { announced: this.#tokens, mark: tokens, units: counted, resetMs: tokenLimit.resetMs };
    }
    return { announced: undefined, mark: requests, units: 0 };
  }

  get #informed(): boolean {
    return this.#requests.known || this.#tokens.known;
  }

  #count(call: Call, tokens: number, now: number): void {
    const more = tokens - call.counted;
    call.counted = tokens;
    this.#tpm?.use(more);
    this.#tokens.use(now, more);
    if (!this.#isMeasured) this.#tokensPerCall ||= tokens;
  }
}

function believable(news: LimitNews): LimitNews {
  return { ...news, resetMs: Math.min(news.resetMs, LONGEST_MS) };
}
