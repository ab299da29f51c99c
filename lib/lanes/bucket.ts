import { TokenBucket } from 'limiter';

/**
 * So many units a minute, evenly: what is left unused is kept for a tenth of a second, so that late timers lose
 * nothing, and no minute has more.
 */
export class Bucket {
  readonly #bucket: TokenBucket;

  constructor(perMinute: number) {
    const bucketSize = Math.ceil(perMinute / 600);
    this.#bucket = new TokenBucket({
      bucketSize,
      tokensPerInterval: perMinute - bucketSize + 1,
      interval: 'minute',
    });
    this.#bucket.content = bucketSize;
  }

  /** How long until so many units may be used, in milliseconds; more than it holds may be used when it is full. */
  waitMs(units: number): number {
    return this.#bucket.getWaitTime(Math.min(units, this.#bucket.bucketSize));
  }

  /** Uses units, on credit if need be; fewer than 0 are given back. */
  use(units: number): void {
    this.#bucket.drip();
    this.#bucket.content -= units;
  }
}
