/** An estimate with its bounds; null where it is unknown. */
export interface Bounds {
  readonly low: number | null;
  readonly expected: number | null;
  readonly high: number | null;
}

export const NONE: Bounds = { low: 0, expected: 0, high: 0 };
export const ONE: Bounds = { low: 1, expected: 1, high: 1 };
export const UNKNOWN: Bounds = { low: null, expected: null, high: null };

/** Unknown as soon as one of them is. */
export function plus(a: Bounds, b: Bounds): Bounds {
  return map((bound) => both(a[bound], b[bound], (x, y) => x + y));
}

export function times(bounds: Bounds, factor: number): Bounds {
  return map((bound) => both(bounds[bound], factor, (x, y) => x * y));
}

/** Bound by bound. */
export function multiply(a: Bounds, b: Bounds): Bounds {
  return map((bound) => both(a[bound], b[bound], (x, y) => x * y));
}

export function map(of: (bound: keyof Bounds) => number | null): Bounds {
  return { low: of('low'), expected: of('expected'), high: of('high') };
}

/** Parts of a dollar that estimates are rounded to. */
export const MICRO = 1e6;

/** To so many parts of one. */
export function rounded(bounds: Bounds, parts: number): Bounds {
  return map((bound) => {
    const value = bounds[bound];
    return value === null ? null : Math.round(value * parts) / parts;
  });
}

function both(a: number | null, b: number | null, combine: (a: number, b: number) => number): number | null {
  return a === null || b === null ? null : combine(a, b);
}

/** A number, and how it is meant. */
export interface Count {
  readonly count: number;
  /** `about`: from a sample, or measured. */
  readonly bound: 'exact' | 'at least' | 'at most' | 'about';
}
