/** A number, and how it is meant. */
export interface Count {
  readonly count: number;
  /** `about`: from a sample, or measured. */
  readonly bound: 'exact' | 'at least' | 'at most' | 'about';
}
