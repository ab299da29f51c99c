/** Lets flows leave in the order of their positions: each waits until all before it are through. */
export class Turns {
  readonly #waiting = new Map<number, () => void>();
  readonly #through = new Set<number>();
  #next = 0;

  /** Resolves when it is `position`'s turn. */
  wait(position: number): Promise<void> {
    if (position === this.#next) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(position, resolve));
  }

  /** Hands the turn on. A position may be through without ever having waited. */
  through(position: number): void {
    this.#through.add(position);
    while (this.#through.delete(this.#next)) this.#next++;
    this.#waiting.get(this.#next)?.();
    this.#waiting.delete(this.#next);
  }
}
