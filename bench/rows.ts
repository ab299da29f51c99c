import type { Row, Target } from './shapes.js';

/** A number that a target is held against. */
export interface Finding {
  readonly figure: string;
  readonly what: string;
  readonly ours: string;
  readonly other?: string;
  readonly value: number;
  readonly target?: Target;
}

export function row({ figure, what, ours, other, value, target }: Finding): Row {
  return {
    figure,
    what,
    ours,
    other: other ?? null,
    value: Number(value.toPrecision(3)),
    target: target ? targetText(target) : null,
    met: target ? isMet(value, target) : null,
  };
}

function targetText({ atLeast, atMost }: Target): string {
  return atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
}

function isMet(
  value: number,
  { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY }: Target,
) {
  return value >= atLeast && value <= atMost;
}
