import { tierNamed } from '../flow/tier.js';
import type { ModelCall } from '../steps/contract.js';
import { near } from '../util/suggest.js';
import { listedModels, listedPrice } from './listed-price.js';
import { type OwnPrices, priceFrom } from './own-price.js';
import type { Price } from './price.js';
import { tierFactor } from './tiers.js';

/**
 * What a step's calls cost in the standard tier: by the config's own prices, else by the list that comes with the program. Null where nobody
 * knows, or the tier that is asked for has no known price: that is no price of 0.
 *
 * @param server address of the server that calls without a `baseUrl` go to; null is OpenAI's own
 * @param at prices change
 */
export async function priceOf(
  { model, baseUrl, serviceTier }: ModelCall,
  own: OwnPrices,
  server: string | null,
  at: Date,
): Promise<Price | null> {
  if (model === null) return null;
  const price = Object.hasOwn(own, model) ? own[model] : undefined;
  if (tierFactor(tierNamed(serviceTier ?? 'default')) === null) return null;
  if (price) return priceFrom(model, price);
  const address = baseUrl ?? server;
  return isOwn(address) ? null : listedPrice(model, address, at);
}

/** So many names are worth reading. */
const MOST_NAMES = 3;

/** Models with a listed price whose names are near that of one without: it may be misspelt, or newer than the list. */
export async function pricedNear(
  { model, baseUrl }: Pick<ModelCall, 'model' | 'baseUrl'>,
  server: string | null,
): Promise<string[]> {
  const address = baseUrl ?? server;
  if (model === null || isOwn(address)) return [];
  const others = (await listedModels(address)).filter((name) => name !== model);
  return near(model, others).slice(0, MOST_NAMES);
}

/** Servers without TLS are in no list, and the list takes 30 ms to load. */
function isOwn(address: string | null): boolean {
  return address?.startsWith('http:') ?? false;
}
