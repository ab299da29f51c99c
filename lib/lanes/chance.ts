/** So often in vain, refusals are suspected to be chance; where they weren't, so many times more. */
const IN_VAIN = { first: 3, more: 3, most: 6 };
/** Where they may be chance, so many in a row are news. */
const IN_A_ROW = 4;
/** So many calls show what is suspected: those that passed, that nothing refuses any more. */
const MANY = 200;

/**
 * Tells refusals by chance from those of a limit: calls that start as fast as in the opening are refused one after
 * another where there is a limit, and one here and there where it is chance.
 */
export class Chance {
  #isSuspected = false;
  #suspectedAt = 0;
  #most = IN_VAIN.first;
  /** The latest call that was refused, and how many in a row were until then. */
  #refused = { number: 0, inARow: 0 };
  #unrefused = 0;

  answered(): void {
    if (++this.#unrefused > MANY) this.#isSuspected = false;
  }

  /** True: refusals are taken for chance from now on. @param inVain how often slowing down has been in vain */
  suspects(inVain: number): boolean {
    if (inVain <= this.#most) return false;
    this.#isSuspected = true;
    this.#suspectedAt = this.#refused.number;
    this.#refused.inARow = 0;
    return true;
  }

  /** True: the refusal of this call may be chance, and teaches nothing. */
  explains(number: number): boolean {
    const { number: last, inARow } = this.#refused;
    this.#refused = { number: Math.max(number, last), inARow: number - last <= 1 ? inARow + 1 : 1 };
    this.#unrefused = 0;
    if (!this.#isSuspected) return false;
    if (this.#refused.inARow < IN_A_ROW) return true;
    this.#isSuspected = false;
    const wasRight = number - this.#suspectedAt > MANY;
    this.#most = wasRight ? 1 : Math.min(this.#most + IN_VAIN.more, IN_VAIN.most);
    return false;
  }
}
