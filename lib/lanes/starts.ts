/** When the last calls were started, milliseconds; older ones are forgotten. */
export class Starts {
  /** More calls than this aren't looked back upon. */
  static readonly most = 2 ** 14;

  #times: number[] = [];

  add(at: number): void {
    this.#times.push(at);
    if (this.#times.length > 2 * Starts.most) this.#times = this.#times.slice(-Starts.most);
  }

  /** It wasn't let through. */
  remove(at: number): void {
    const index = this.#times.lastIndexOf(at);
    if (index >= 0) this.#times.splice(index, 1);
  }

  /** The `nth` from the end; undefined where there are fewer. */
  ago(nth: number): number | undefined {
    return this.#times[this.#times.length - nth];
  }
}
