import * as z from 'zod';
import type { OwnPrice, OwnPrices } from '../cost/price.js';
import type { Issue } from '../errors.js';
import { mismatch } from '../util/suggest.js';
import { isObject } from '../util/values.js';
import { unknownFields } from './fields.js';
import { issuesOf, zodMessages } from './zod-messages.js';

const rate = z.number().min(0);

/** Dollars for a million tokens; of tools, for a call. */
const price = z.object({
  input: rate,
  cachedInput: rate.optional(),
  cacheWrite: rate.optional(),
  output: rate,
  tools: z.record(z.string(), rate).optional(),
}) satisfies z.ZodType<OwnPrice>;

/** Checks `prices: {model: {input, cachedInput?, cacheWrite?, output, tools?}}`. Wrong prices are left out. */
export function checkPrices(raw: unknown): { readonly prices: OwnPrices; readonly issues: readonly Issue[] } {
  if (raw === undefined) return { prices: {}, issues: [] };
  if (!isObject(raw)) {
    const message = mismatch('an object {model: {input, output}}', raw);
    return { prices: {}, issues: [{ where: 'prices', message }] };
  }
  const prices: [string, OwnPrice][] = [];
  const issues: Issue[] = [];
  for (const [model, given] of Object.entries(raw)) {
    const where = `prices.${model}`;
    const { data, error } = price.safeParse(given, { error: zodMessages });
    if (isObject(given)) issues.push(...unknownFields(where, given, Object.keys(price.shape)));
    if (data) prices.push([model, data]);
    else issues.push(...issuesOf(where, error));
  }
  return { prices: Object.fromEntries(prices), issues };
}
