import Queue from 'yocto-queue';

/** Runs tasks, at most so many at once; the others wait in line. */
export class Limit {
  readonly #waiting = new Queue<() => void>();
  #free: number;

  constructor(most: number) {
    this.#free = most;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.enqueue(resolve));
    try {
      return await task();
    } finally {
      this.#passOn();
    }
  }

  /** The place goes straight to the next in line, so nobody can slip in between. */
  #passOn(): void {
    const next = this.#waiting.dequeue();
    if (next) next();
    else this.#free++;
  }
}
