/** Units that were used at about one time. */
interface Spell {
  readonly from: number;
  until: number;
  units: number;
}

/** A spell lasts for this share of the period at most, and for no longer than this, milliseconds. */
const SHARE = 0.01;
const LONGEST_MS = 50;

/** The units that were used in the last period. */
export class RecentUse {
  /** Milliseconds; long until it is known. */
  periodMs = 120_000;
  #units = 0;
  readonly #spells: Spell[] = [];

  /** Fewer than 0 are given back: those that were used last. */
  add(now: number, units: number): void {
    if (units < 0) {
      this.#giveBack(-units);
      return;
    }
    const last = this.#spells.at(-1);
    if (last && now - last.from < Math.min(this.periodMs * SHARE, LONGEST_MS)) {
      last.units += units;
      last.until = now;
    } else this.#spells.push({ from: now, until: now, units });
    this.#units += units;
  }

  #giveBack(units: number): void {
    let left = Math.min(units, this.#units);
    this.#units -= left;
    for (let index = this.#spells.length - 1; left > 0 && index >= 0; index--) {
      const spell = this.#spells[index];
      if (!spell) return;
      const back = Math.min(left, spell.units);
      spell.units -= back;
      left -= back;
    }
  }

  clear(): void {
    this.#units = 0;
    this.#spells.length = 0;
  }

  units(now: number): number {
    while (this.#spells[0] && this.#spells[0].until + this.periodMs <= now) {
      this.#units -= this.#spells.shift()?.units ?? 0;
    }
    return this.#units;
  }

  /** When so many of the units are forgotten; undefined: there aren't as many. */
  forgottenAt(units: number): number | undefined {
    let left = units;
    for (const spell of this.#spells) {
      left -= spell.units;
      if (left <= 0) return spell.until + this.periodMs;
    }
    return undefined;
  }
}
