/** How long the past counts, milliseconds: measurements older than a few times this are forgotten. */
const MEMORY_MS = 30_000;

/** The average number of simultaneous calls of late. Times are milliseconds; a late event counts as now. */
export class Load {
  #running = 0;
  #average = 0;
  /** How much of the average is measured, 0 to 1: at the start nothing is. */
  #weight = 0;
  #at = 0;

  started(now: number): void {
    this.#pass(now);
    this.#running++;
  }

  ended(now: number): void {
    this.#pass(now);
    this.#running--;
  }

  average(now: number): number {
    this.#pass(now);
    return this.#weight > 0 ? this.#average / this.#weight : 0;
  }

  #pass(now: number): void {
    if (now <= this.#at) return;
    const kept = Math.exp(-(now - this.#at) / MEMORY_MS);
    const measured = this.#weight > 0 || this.#running > 0;
    if (measured) {
      this.#average = this.#average * kept + this.#running * (1 - kept);
      this.#weight = this.#weight * kept + (1 - kept);
    }
    this.#at = now;
  }
}
