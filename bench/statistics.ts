import type { Measured } from './measure.js';

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The median of what the program told by that name. */
export function medianOf(measured: readonly Measured[], fact: string): number {
  return median(measured.map(({ facts }) => facts[fact] ?? Number.NaN));
}

export function wallMs(measured: readonly Measured[]): number {
  return median(measured.map((each) => each.wallMs));
}

export function peakMB(measured: readonly Measured[]): number {
  return medianOf(measured, 'peakMB');
}

/** Flows a second while the program was at it, its start-up aside. */
export function flowsPerSecond(measured: readonly Measured[]): number {
  return median(measured.map(({ facts }) => ((facts.flows ?? Number.NaN) * 1000) / (facts.ms ?? Number.NaN)));
}
