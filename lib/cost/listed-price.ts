import { readFile } from 'node:fs/promises';
import type { ModelPrice, TieredPrices } from '@pydantic/genai-prices';
import { writeFactor } from './cache-writes.js';
import type { Band, Fees, Price } from './price.js';

/** When the versions of the list came out. */
const RELEASED: Readonly<Record<string, string>> = { '0.1.8': '2026-09-23' };

/**
 * The price in the list of genai-prices that is installed; nothing is asked of any server.
 *
 * @param server its address; null is OpenAI's own
 */
export async function listedPrice(model: string, server: string | null, at: Date): Promise<Price | null> {
  const { calcPrice } = await import('@pydantic/genai-prices');
  const provider = server === null ? { providerId: 'openai' } : { providerApiUrl: server };
  const found = calcPrice({ input_tokens: 0, output_tokens: 0 }, model, { ...provider, timestamp: at });
  const bands = found && bandsOf(found.model_price, model);
  return bands && { bands, fees: feesOf(found.model_price, model), source: await source() };
}

/** The names of all models in that list, of the provider that has the server; none where it knows no such server. */
export async function listedModels(server: string | null): Promise<string[]> {
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
