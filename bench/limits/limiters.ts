/** What a limiter knows at one moment, for the headers of an answer. */
export interface LimiterState {
  readonly limit: number;
  readonly remaining: number;
  /** Until all of it is free again, milliseconds. */
  readonly resetMs: number;
  /** Until one more call passes, milliseconds. */
  readonly nextMs: number;
  /** The same of tokens, where they are limited, too. */
  readonly tokens?: LimiterState;
}

/** A limit as servers have it. Pure: times are milliseconds of one clock, told by the caller. */
export interface Limiter {
  /** Whether a call of so many units would pass now. */
  passes(now: number, tokens: number): boolean;
  /** A call passes; how long the limiter itself delays it, milliseconds. */
  take(now: number, tokens: number): number;
  /** A call that has passed is answered. */
  end?(now: number): void;
  /** A call was refused. */
  refuse?(now: number): void;
  state(now: number): LimiterState;
}

/** So many in each window; windows follow each other on the clock. */
export class FixedWindow implements Limiter {
  #window = Number.NaN;
  #used = 0;

  readonly limit: number;
  readonly ms: number;
  readonly phaseMs: number;

  constructor(limit: number, ms: number, phaseMs = 0) {
    this.limit = limit;
    this.ms = ms;
    this.phaseMs = phaseMs;
  }

  passes(now: number): boolean {
    this.#roll(now);
    return this.#used < this.limit;
  }

  take(now: number): number {
    this.#roll(now);
    this.#used++;
    return 0;
  }

  state(now: number): LimiterState {
    this.#roll(now);
    const resetMs = this.ms - ((now + this.phaseMs) % this.ms);
    return { limit: this.limit, remaining: this.limit - this.#used, resetMs, nextMs: resetMs };
  }

  #roll(now: number): void {
    const window = Math.floor((now + this.phaseMs) / this.ms);
    if (window === this.#window) return;
    this.#window = window;
    this.#used = 0;
  }
}

/** So many in any window of this length. */
export class SlidingWindow implements Limiter {
  #uses: number[] = [];
  #gone = 0;

  readonly limit: number;
  readonly ms: number;
  readonly countsRefused: boolean;

  constructor(limit: number, ms: number, countsRefused = false) {
    this.limit = limit;
    this.ms = ms;
    this.countsRefused = countsRefused;
  }

  passes(now: number): boolean {
    return this.#count(now) < this.limit;
  }

  take(now: number): number {
    this.#uses.push(now);
    return 0;
  }

  refuse(now: number): void {
    if (this.countsRefused) this.#uses.push(now);
  }

  state(now: number): LimiterState {
    const used = this.#count(now);
    const last = used > 0 ? (this.#uses.at(-1) ?? now) : now - this.ms;
    const first = this.#uses[this.#gone + Math.max(0, used - this.limit)] ?? now - this.ms;
    return {
      limit: this.limit,
      remaining: Math.max(0, this.limit - used),
      resetMs: Math.max(0, last + this.ms - now),
      nextMs: used < this.limit ? 0 : Math.max(0, first + this.ms - now),
    };
  }

  #count(now: number): number {
    while ((this.#uses[this.#gone] ?? now) + this.ms <= now) this.#gone++;
    if (this.#gone > 10_000) {
      this.#uses = this.#uses.slice(this.#gone);
      this.#gone = 0;
    }
    return this.#uses.length - this.#gone;
  }
}

/** Fills at a rate, up to what it holds. */
export class Bucket implements Limiter {
  #level: number;
  #at: number | undefined;

  readonly perSecond: number;
  readonly capacity: number;
  readonly unit: 'calls' | 'tokens';

  constructor(perSecond: number, capacity: number, unit: 'calls' | 'tokens' = 'calls', level = capacity) {
    this.perSecond = perSecond;
    this.capacity = capacity;
    this.unit = unit;
    this.#level = level;
  }

  passes(now: number, tokens: number): boolean {
    this.#fill(now);
    return this.#level >= Math.min(this.#units(tokens), this.capacity);
  }

  take(now: number, tokens: number): number {
    this.#fill(now);
    this.#level -= this.#units(tokens);
    return 0;
  }

  state(now: number): LimiterState {
    this.#fill(now);
    const until = (units: number) => Math.max(0, ((units - this.#level) * 1000) / this.perSecond);
    return {
      limit: Math.floor(this.capacity),
      remaining: Math.max(0, Math.floor(this.#level)),
      resetMs: until(this.capacity),
      nextMs: until(1),
    };
  }

  #units(tokens: number): number {
    return this.unit === 'calls' ? 1 : tokens;
  }

  #fill(now: number): void {
    const ms = now - (this.#at ?? now);
    this.#level = Math.min(this.capacity, this.#level + (ms * this.perSecond) / 1000);
    this.#at = now;
  }
}

/** Spaces calls evenly, and tolerates a burst (the generic cell rate algorithm). */
export class Gcra implements Limiter {
  readonly #spaceMs: number;
  #arrival = Number.NEGATIVE_INFINITY;

  readonly burst: number;

  constructor(perSecond: number, burst: number) {
    this.burst = burst;
    this.#spaceMs = 1000 / perSecond;
  }

  passes(now: number): boolean {
    return Math.max(this.#arrival, now) + this.#spaceMs - now <= this.burst * this.#spaceMs + 1e-9;
  }

  take(now: number): number {
    this.#arrival = Math.max(this.#arrival, now) + this.#spaceMs;
    return 0;
  }

  state(now: number): LimiterState {
    const aheadMs = Math.max(0, this.#arrival - now);
    return {
      limit: this.burst,
      remaining: Math.max(0, Math.floor(this.burst - aheadMs / this.#spaceMs)),
      resetMs: aheadMs,
      nextMs: Math.max(0, this.#arrival + this.#spaceMs - now - this.burst * this.#spaceMs),
    };
  }
}

/** A queue that is emptied at a rate: a call that fits in is delayed, another is refused. */
export class Queue implements Limiter {
  readonly #spaceMs: number;
  #freeAt = Number.NEGATIVE_INFINITY;

  readonly depth: number;

  constructor(perSecond: number, depth: number) {
    this.depth = depth;
    this.#spaceMs = 1000 / perSecond;
  }

  passes(now: number): boolean {
    return Math.max(0, this.#freeAt - now) / this.#spaceMs < this.depth;
  }

  take(now: number): number {
    this.#freeAt = Math.max(this.#freeAt, now) + this.#spaceMs;
    return this.#freeAt - now;
  }

  state(now: number): LimiterState {
    const queuedMs = Math.max(0, this.#freeAt - now);
    const remaining = Math.max(0, Math.floor(this.depth - queuedMs / this.#spaceMs));
    return { limit: this.depth, remaining, resetMs: queuedMs, nextMs: this.#spaceMs };
  }
}

/** So many calls in flight. */
export class Concurrency implements Limiter {
  #active = 0;

  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  passes(): boolean {
    return this.#active < this.limit;
  }

  take(): number {
    this.#active++;
    return 0;
  }

  end(): void {
    this.#active--;
  }

  state(): LimiterState {
    const remaining = Math.max(0, this.limit - this.#active);
    return { limit: this.limit, remaining, resetMs: 500, nextMs: 500 };
  }
}

/** All of several limits; what is told is the first one's, and of tokens the last one's. */
export class Together implements Limiter {
  readonly limits: readonly [Limiter, ...Limiter[]];

  constructor(limits: readonly [Limiter, ...Limiter[]]) {
    this.limits = limits;
  }

  passes(now: number, tokens: number): boolean {
    return this.limits.every((limit) => limit.passes(now, tokens));
  }

  take(now: number, tokens: number): number {
    return Math.max(...this.limits.map((limit) => limit.take(now, tokens)));
  }

  end(now: number): void {
    for (const limit of this.limits) limit.end?.(now);
  }

  state(now: number): LimiterState {
    const last = this.limits.at(-1)?.state(now);
    return { ...this.limits[0].state(now), ...(last && { tokens: last }) };
  }
}

/** Another client with the same key, which calls evenly. */
export class Shared implements Limiter {
  readonly #gapMs: number;
  #nextAt: number | undefined;

  readonly limit: Limiter;

  constructor(limit: Limiter, perSecond: number) {
    this.limit = limit;
    this.#gapMs = 1000 / perSecond;
  }

  passes(now: number, tokens: number): boolean {
    this.#catchUp(now);
    return this.limit.passes(now, tokens);
  }

  take(now: number, tokens: number): number {
    return this.limit.take(now, tokens);
  }

  state(now: number): LimiterState {
    this.#catchUp(now);
    return this.limit.state(now);
  }

  #catchUp(now: number): void {
    this.#nextAt ??= now;
    while (this.#nextAt <= now) {
      if (this.limit.passes(this.#nextAt, 1)) this.limit.take(this.#nextAt, 1);
      this.#nextAt += this.#gapMs;
    }
  }
}

/** Another limit from some time on. */
export class Changed implements Limiter {
  #firstAt: number | undefined;

  readonly before: Limiter;
  readonly after: Limiter;
  readonly atMs: number;

  constructor(before: Limiter, after: Limiter, atMs: number) {
    this.before = before;
    this.after = after;
    this.atMs = atMs;
  }

  passes(now: number, tokens: number): boolean {
    return this.#at(now).passes(now, tokens);
  }

  take(now: number, tokens: number): number {
    return this.#at(now).take(now, tokens);
  }

  state(now: number): LimiterState {
    return this.#at(now).state(now);
  }

  #at(now: number): Limiter {
    this.#firstAt ??= now;
    return now - this.#firstAt < this.atMs ? this.before : this.after;
  }
}

/** Refuses by chance, for no reason. */
export class Chance implements Limiter {
  #state = 1;

  readonly share: number;

  constructor(share: number) {
    this.share = share;
  }

  passes(): boolean {
    this.#state = (this.#state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return this.#state / 2_147_483_648 >= this.share;
  }

  take(): number {
    return 0;
  }

  state(): LimiterState {
    return { limit: 1000, remaining: 500, resetMs: 1000, nextMs: 1000 };
  }
}

/** Down from some time on, for some time: everything is refused. */
export class Outage implements Limiter {
  readonly limit: Limiter;
  readonly fromMs: number;
  readonly untilMs: number;
  #firstAt: number | undefined;

  constructor(limit: Limiter, fromMs: number, untilMs: number) {
    this.limit = limit;
    this.fromMs = fromMs;
    this.untilMs = untilMs;
  }

  passes(now: number, tokens: number): boolean {
    this.#firstAt ??= now;
    const ms = now - this.#firstAt;
    return (ms < this.fromMs || ms >= this.untilMs) && this.limit.passes(now, tokens);
  }

  take(now: number, tokens: number): number {
    return this.limit.take(now, tokens);
  }

  state(now: number): LimiterState {
    return this.limit.state(now);
  }
}
