import { writeFactor } from './cache-writes.js';
import type { Fees, Price } from './price.js';

/** Dollars for a million tokens, as a config gives them; cached input costs what input costs unless it is given. */
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
