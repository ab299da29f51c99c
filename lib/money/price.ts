import type { Usage } from '../flow.js';
import { toUsd } from './dollars.js';

/** Dollars for a million tokens of each kind. */
export interface Rates {
  readonly input: number;
  readonly cachedInput: number;
  readonly cacheWrite: number;
  /** Reasoning is output. */
  readonly output: number;
}

/** Rates of calls with more than so many input tokens. */
export interface Band extends Rates {
  readonly above: number;
}

/** What a model's tokens cost, and who says so. */
export interface Price {
  /** From the lowest on, which is above -1: it holds for every call. */
  readonly bands: readonly Band[];
  /** `genai-prices 0.1.8, 2026-09-23`, or `config`. */
  readonly source: string;
}

/** What one call cost, in dollars. A call's usage, not that of several: the rates may depend on its length. */
export function costOf(usage: Usage, { bands }: Price): number {
  const band = bands.findLast(({ above }) => usage.inputTokens > above);
  return band ? toUsd(picoOf(usage, band)) : 0;
}

/** Cached and written tokens are part of the input, whatever a server says of them. */
function picoOf(usage: Usage, rates: Rates): number {
  const { inputTokens, cachedInputTokens, cacheWriteInputTokens = 0, outputTokens } = usage;
  const cached = Math.min(cachedInputTokens, inputTokens);
  const written = Math.min(cacheWriteInputTokens, inputTokens - cached);
  return (
    (inputTokens - cached - written) * picoPerToken(rates.input) +
    cached * picoPerToken(rates.cachedInput) +
    written * picoPerToken(rates.cacheWrite) +
    outputTokens * picoPerToken(rates.output)
  );
}

/** A dollar for a million tokens is a million pico-dollars for one. */
function picoPerToken(rate: number): number {
  return Math.round(rate * 1e6);
}
