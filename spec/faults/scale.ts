import { randomInt } from 'node:crypto';

/** `npm run test:faults` takes minutes: a hundred kills, every edit. What is part of `npm test` is short. */
export const FULL = process.env.FAULTS === 'full';

/** Random numbers that a seed repeats (mulberry32). */
export class Dice {
  readonly seed: number;
  #state: number;

  /** @param seed default: that of the variable FAULTS_SEED, or a new one */
  constructor(seed = Number(process.env.FAULTS_SEED ?? randomInt(2 ** 31))) {
    this.seed = seed;
    this.#state = seed;
  }

  /** From 0 up to, but without, `end`. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end;
  }
}
