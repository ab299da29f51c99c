import type { LaneNews, LimitNews } from '../lane.js';
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
  /** Whether the server had told of a limit when it started. */
  readonly informed: boolean;
  /** What its answer says is used up. */
  usedUp?: 'requests' | 'tokens';
}

/** A server that names a day must not hold a lane for a day: it is asked again. */
const LONGEST_MS = 120_000;
/** How much the newest call counts in the average of the tokens that calls take. */
const NEWEST = 1 / 8;

/** All that bounds the rate of a lane's calls: what the user allows, what the server tells, and what it refused. */
export class Limits {
  readonly #learned = new LearnedLimit();
  readonly #requests = new AnnouncedLimit();
  readonly #tokens = new AnnouncedLimit();
  readonly #rpm: Bucket | undefined;
  readonly #tpm: Bucket | undefined;
  /** Of calls that were answered; until there are any, what the first is expected to take. */
  #tokensPerCall = 0;
  #isMeasured = false;
  #coolUntil = Number.NEGATIVE_INFINITY;

  constructor({ rpm, tpm }: LaneSettings) {
    this.#rpm = rpm === undefined ? undefined : new Bucket(rpm);
    this.#tpm = tpm === undefined ? undefined : new Bucket(tpm);
  }

  /** How long until the next call may start, in milliseconds; 0 or less: now. */
  waitMs(now: number): number {
    return Math.max(
      this.#learned.waitMs(now),
      this.#coolUntil - now,
      this.#requests.waitMs(now, 1),
      this.#tokens.waitMs(now, this.#tokensPerCall),
      this.#rpm?.waitMs(1) ?? 0,
      this.#tpm?.waitMs(this.#tokensPerCall) ?? 0,
    );
  }

  /** @param alone no other call is in flight */
  start(now: number, alone: boolean): Call {
    const counted = this.#tokensPerCall;
    this.#rpm?.use(1);
    this.#tpm?.use(counted);
    return {
      start: this.#learned.start(now, alone),
      requests: this.#requests.use(now, 1),
      tokens: this.#tokens.use(now, counted),
      counted,
      informed: this.#informed,
    };
  }

  told(call: Call, { tokens, requestLimit, tokenLimit }: LaneNews, now: number): void {
    if (requestLimit) {
      this.#requests.told(now, believable(requestLimit), call.requests);
      if (requestLimit.remaining < 1) call.usedUp = 'requests';
    }
    if (tokenLimit) {
      this.#tokens.told(now, believable(tokenLimit), call.tokens);
      if (tokenLimit.remaining < call.counted) call.usedUp = 'tokens';
    }
    if (tokens !== undefined) this.#count(call, tokens, now);
  }

  answered({ start, counted }: Call, now: number): void {
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

  refused(call: Call, now: number, wishMs?: number): void {
    const wish = wishMs === undefined ? undefined : Math.min(wishMs, LONGEST_MS);
    // Other programs with the same key are told the same.
    if (wish !== undefined)
      this.#coolUntil = Math.max(this.#coolUntil, now + wish * (1 + Math.random() / 20));
    const { announced, mark, units } = this.#usedUp(call);
    if (!announced?.explains(mark)) this.#learned.refused(call.start, now, wish);
    // One that started before anything was known of the limit that is kept to now is no news.
    else if (call.informed) announced.refused(now, call.start.at, units);
  }

  /** The limit that the server says is used up, and what the call used of it. */
  #usedUp({ usedUp, requests, tokens, counted }: Call) {
    if (usedUp === 'requests') return { announced: this.#requests, mark: requests, units: 1 };
    if (usedUp === 'tokens') return { announced: this.#tokens, mark: tokens, units: counted };
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
