/** When the last calls were started that weren't refused, milliseconds; older ones are forgotten. */
export class Starts {
  /** More calls than this aren't looked back upon. */
  static readonly most = 2 ** 14;

  #times: number[] = [];

  add(at: number): void {
    this.#times.push(at);
    if (this.#times.length > 2 * Starts.most) this.#times = this.#times.slice(-Starts.most);
  }

  /** It was refused. */
  remove(at: number): void {
    const index = this.#times.lastIndexOf(at);
    if (index >= 0) this.#times.splice(index, 1);
  }

  /** The `nth` from the end; undefined where there are fewer. */
  ago(nth: number): number | undefined {
    return this.#times[this.#times.length - nth];
  }

  /** The `nth` before a call that was started at that time, or would be. */
  before(at: number, nth: number): number | undefined {
    let index = this.#times.length;
    while (index > 0 && (this.#times[index - 1] ?? 0) >= at) index--;
    return this.#times[index - nth];
  }
}
