import { readFile } from 'node:fs/promises';
import type { ModelPrice, TieredPrices } from '@pydantic/genai-prices';
import { tierNamed } from '../flow/usage.js';
import type { ModelCall } from '../steps/contract.js';
import { near } from '../util/suggest.js';
import {
  type Band,
  type Fees,
  type OwnPrices,
  type Price,
  priceFrom,
  tierFactor,
  writeFactor,
} from './price.js';

/**
 * The price of a step's calls in the standard tier: the config's own, else that of the list that comes with the
 * program. Null where the price, or the factor of the requested tier, is unknown; unknown is not 0.
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

/** When the versions of the list came out. */
const RELEASED: Readonly<Record<string, string>> = { '0.1.8': '2026-09-23' };

/**
 * The price in the list of genai-prices that is installed; nothing is asked of any server.
 *
 * @param server its address; null is OpenAI's own
 */
async function listedPrice(model: string, server: string | null, at: Date): Promise<Price | null> {
  const { calcPrice } = await import('@pydantic/genai-prices');
  const provider = server === null ? { providerId: 'openai' } : { providerApiUrl: server };
  const found = calcPrice({ input_tokens: 0, output_tokens: 0 }, model, { ...provider, timestamp: at });
  const bands = found && bandsOf(found.model_price, model);
  return bands && { bands, fees: feesOf(found.model_price, model), source: await source() };
}

/** The names of all models in that list, of the provider that has the server; none where it knows no such server. */
async function listedModels(server: string | null): Promise<string[]> {
  const { findProvider } = await import('@pydantic/genai-prices');
  const provider = findProvider(server === null ? { providerId: 'openai' } : { providerApiUrl: server });
  return provider?.models.map(({ id }) => id) ?? [];
}

/** Null where calls cost something else than tokens, too. */
function bandsOf(prices: ModelPrice, model: string): Band[] | null {
  const { input_mtok: input, output_mtok: output, requests_kcount: perRequest } = prices;
  if (input === undefined || output === undefined || perRequest !== undefined) return null;
  const { cache_read_mtok: cachedInput = input, cache_write_mtok: cacheWrite } = prices;
  const starts = [input, cachedInput, cacheWrite ?? input, output].flatMap(startsOf);
  const ordered = [...new Set([-1, ...starts])].sort((a, b) => a - b);
  const factor = writeFactor(model);
  return ordered.map((above) => {
    const rate = rateAt(above, input);
    return {
      above,
      input: rate,
      cachedInput: rateAt(above, cachedInput),
      cacheWrite: cacheWrite === undefined ? factor && rate * factor : rateAt(above, cacheWrite),
      output: rateAt(above, output),
    };
  });
}

/** For these a search is also billed as a fixed number of input tokens (OpenAI's pricing, 2026-11): its fee isn't all. */
const FIXED_TOKENS = /^(?:.*\/)?gpt-4(o|\.1)-mini/;

/** By the names of the tools, as the API has them. */
function feesOf(prices: ModelPrice, model: string): Fees {
  const { web_searches_kcount: webSearch, storage_searches_kcount: fileSearch } = prices;
  return {
    ...(typeof webSearch === 'number' && !FIXED_TOKENS.test(model) && { web_search: webSearch / 1000 }),
    ...(typeof fileSearch === 'number' && { file_search: fileSearch / 1000 }),
  };
}

type Tiered = number | TieredPrices;

function startsOf(price: Tiered): number[] {
  return typeof price === 'number' ? [] : price.tiers.map(({ start }) => start);
}

function rateAt(above: number, price: Tiered): number {
  if (typeof price === 'number') return price;
  return price.tiers.findLast(({ start }) => start <= above)?.price ?? price.base;
}

async function source(): Promise<string> {
  const version = await installedVersion();
  const released = RELEASED[version] ?? 'date unknown';
  return `genai-prices ${version}, ${released}`;
}

/** The package exports no package.json. */
async function installedVersion(): Promise<string> {
  const file = new URL('../package.json', import.meta.resolve('@pydantic/genai-prices'));
  const { version }: { version: string } = JSON.parse(await readFile(file, 'utf8'));
  return version;
}
