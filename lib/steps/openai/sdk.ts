import { createRequire } from 'node:module';
import type * as Sdk from 'openai';

/** The package's CommonJS build: Node 20 loads it in half the time of its 150 ES modules (24 against 48 ms). */
const sdk: typeof Sdk = createRequire(import.meta.url)('openai');

export const { OpenAI, APIConnectionError, APIError } = sdk;
export type OpenAI = Sdk.OpenAI;
