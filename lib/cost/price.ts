import type { Billed, ToolCalls, Usage } from '../flow/flow.js';
import { toPico, toUsd } from '../util/dollars.js';

/** Dollars for a million tokens of each kind. */
interface Rates {
  readonly input: number;
  readonly cachedInput: number;
  /** Null where it is unknown. */
  readonly cacheWrite: number | null;
  /** Reasoning is output. */
  readonly output: number;
}

/** Rates of calls with more than so many input tokens. */
export interface Band extends Rates {
  readonly above: number;
}

/** Dollars for one call of a tool that the provider hosts, by its name (`web_search`). */
export type Fees = Readonly<Record<string, number>>;

/** The price of a model's tokens in the standard tier, and its source. */
export interface Price {
  /** From the lowest on, which is above -1: it holds for every call. */
  readonly bands: readonly Band[];
  /** Known fees only. */
  readonly fees: Fees;
  /** `genai-prices 0.1.8, 2026-09-23`, or `config`. */
  readonly source: string;
}

/**
 * The cost of one call, in dollars; null where a part of it is unknown. Takes the usage of one call, not of several:
 * the rates may depend on its length.
 */
export function costOf(billed: Billed, { bands, fees }: Price): number | null {
  const { toolCalls, tier = 'standard' } = billed;
  const band = bands.findLast(({ above }) => billed.inputTokens > above);
  const factor = tierFactor(tier);
  const tokens = band ? picoOf(billed, band) : 0;
  const tools = feesOf(toolCalls, fees);
  return factor === null || tokens === null || tools === null
    ? null
    : toUsd(Math.round(tokens * factor) + tools);
}

/** Cached and written tokens are part of the input, whatever a server says of them. */
function picoOf(usage: Usage, rates: Rates): number | null {
  const { inputTokens, cachedInputTokens, cacheWriteInputTokens = 0, outputTokens } = usage;
  const cached = Math.min(cachedInputTokens, inputTokens);
  const written = Math.min(cacheWriteInputTokens, inputTokens - cached);
  if (written > 0 && rates.cacheWrite === null) return null;
  return (
    (inputTokens - cached - written) * picoPerToken(rates.input) +
    cached * picoPerToken(rates.cachedInput) +
    written * picoPerToken(rates.cacheWrite ?? 0) +
    outputTokens * picoPerToken(rates.output)
  );
}

/** A dollar for a million tokens is a million pico-dollars for one. */
function picoPerToken(rate: number): number {
  return Math.round(rate * 1e6);
}

function feesOf(calls: ToolCalls | undefined, fees: Fees): number | null {
  let pico = 0;
  for (const tool in calls) {
    const fee = Object.hasOwn(fees, tool) ? fees[tool] : undefined;
    if (fee === undefined) return null;
    pico += Math.round((calls[tool] ?? 0) * toPico(fee));
  }
  return pico;
}

/** Dollars for a million tokens, as a config gives them; cached input costs as much as input unless it is given. */
export interface OwnPrice {
  readonly input: number;
  readonly cachedInput?: number | undefined;
  /** Default: as OpenAI bills it for its models, else unknown. */
  readonly cacheWrite?: number | undefined;
  readonly output: number;
  /** Dollars for one call of a tool that the provider hosts. */
  readonly tools?: Fees | undefined;
}

/** Prices by the model's name, as steps write it. */
export type OwnPrices = Readonly<Record<string, OwnPrice>>;

export function priceFrom(model: string, price: OwnPrice): Price {
  const { input, cachedInput = input, output, tools = {} } = price;
  const factor = writeFactor(model);
  const cacheWrite = price.cacheWrite ?? (factor && input * factor);
  return { bands: [{ above: -1, input, cachedInput, cacheWrite, output }], fees: tools, source: 'config' };
}

/**
 * Factors on the standard tier's rates, by the tier's name in records (OpenAI's pricing, 2026-11). A tier that isn't
 * here (`scale` for one) has no known price.
 */
const FACTORS: Readonly<Record<string, number>> = {
  standard: 1,
  flex: 0.5,
  batch: 0.5,
  priority: 2,
  ultrafast: 3,
};

/** Null where the tier's price is unknown. */
export function tierFactor(tier: string): number | null {
  return Object.hasOwn(FACTORS, tier) ? (FACTORS[tier] ?? null) : null;
}

/** The price of a token written to the cache, relative to an uncached one, where the price list has none. */
const WRITE_FACTOR = 1.25;

/** GPT-5.6 and every later family: OpenAI's guide to prompt caching (2026-11). */
const BILLED = /^(?:.*\/)?gpt-(?:5\.(?:[6-9]|\d\d)|[6-9]|\d\d)/;
/** OpenAI's earlier models: writing costs nothing beside the input itself. */
const FREE = /^(?:.*\/)?(?:gpt-[345]|chatgpt-4o|o\d|codex-)/;

/** The factor of a model's input rate; null where it is unknown how the model bills. */
export function writeFactor(model: string): number | null {
  if (BILLED.test(model)) return WRITE_FACTOR;
  return FREE.test(model) ? 1 : null;
}
