import type { Price } from './price.js';

/** Dollars for a million tokens, as a config gives them; what isn't given costs what input costs. */
export interface OwnPrice {
  readonly input: number;
  readonly cachedInput?: number | undefined;
  readonly cacheWrite?: number | undefined;
  readonly output: number;
}

/** Prices by the model's name, as steps write it. */
export type OwnPrices = Readonly<Record<string, OwnPrice>>;

export function priceFrom({ input, cachedInput = input, cacheWrite = input, output }: OwnPrice): Price {
  return { bands: [{ above: -1, input, cachedInput, cacheWrite, output }], source: 'config' };
}
