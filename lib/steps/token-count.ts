import * as z from 'zod';

/** No call uses as many; a larger number is garbled. */
const MOST_TOKENS = 1e9;

/** A server's count of the tokens of a call: whole, finite and bounded, so that sums of calls stay numbers. */
export const tokenCount = z.number().int().nonnegative().max(MOST_TOKENS);
