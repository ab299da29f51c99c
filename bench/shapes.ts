/** How much is measured. */
export interface Size {
  /** How often each side runs. */
  readonly runs: number;
  /** The part of the work that is done: 1, or less for a quick look. */
  readonly part: number;
}

export interface Target {
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** One line of the table: two sides, or one side and a bound. */
export interface Row {
  readonly figure: string;
  readonly what: string;
  /** With its unit. */
  readonly ours: string;
  /** What it is compared with, with its name; null where only a bound is given. */
  readonly other: string | null;
  /** What the target is about: a ratio, or a plain number. */
  readonly value: number;
  readonly target: string | null;
  /** Null where there is no target. */
  readonly met: boolean | null;
}

export type Figure = (size: Size) => Promise<Row[]>;
