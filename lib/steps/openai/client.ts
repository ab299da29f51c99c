import { createRequire } from 'node:module';
import type * as Sdk from 'openai';
import type { Http } from '../../http/http.js';
import { isDeeperThan, MOST_JSON_LEVELS } from '../../util/depth.js';
import type { Server } from './server.js';

/** The package's CommonJS build: Node 20 loads it in half the time of its 150 ES modules (24 against 48 ms). */
const sdk: typeof Sdk = createRequire(import.meta.url)('openai');

export const { OpenAI, APIConnectionError, APIError } = sdk;
export type OpenAI = Sdk.OpenAI;

/** Longer than any timer can run: how long a call may take is the step's `timeout`. */
const NO_TIMEOUT = 2 ** 31 - 1;

const OURS = /^(accept|authorization|content-type|user-agent|openai-(organization|project))$/;

/**
 * Headers about the client and this machine (openai 6.49, 2026-11). Servers don't need them.
 */
const TELEMETRY = [
  'lang',
  'package-version',
  'os',
  'arch',
  'runtime',
  'runtime-version',
  'retry-count',
  'timeout',
].map((name) => `x-stainless-${name}`);

/** The real client, without anything that it would do or read on its own account. */
export function createClient(server: Server, fetch: Http['fetch']): OpenAI {
  const { baseUrl, key, organization, project, fromConfig, clean } = server;
  return new OpenAIWithErrorBody({
    baseURL: baseUrl,
    // The client insists on a key; the header below, or none, is sent.
    apiKey: key ?? 'none',
    defaultHeaders: { Authorization: key === null ? null : `Bearer ${key}` },
    adminAPIKey: null,
    webhookSecret: null,
    organization,
    project,
    // Retries are the engine's: the client would retry an empty account too, and not hear an abort meanwhile.
    maxRetries: 0,
    timeout: NO_TIMEOUT,
    // OPENAI_LOG would write to stdout, where results go.
    logLevel: 'off',
    fetch: (input, init) =>
      fetch(input, fromConfig ? withoutForeignHeaders(init) : init).then(
        (response) => cleaned(response, clean),
        (error: unknown) => {
          throw new TransportError(error);
        },
      ),
  });
}

/** Whatever is read of the body, the client's errors included, is read without secrets. */
function cleaned(response: Response, clean: (text: string) => string): Response {
  const read = response.text;
  const text = async () => clean(await read.call(response));
  return Object.assign(response, { text, json: async () => JSON.parse(await text()) });
}

/** Brings an error past the client, which puts one of its own, without a cause, for whatever says "timed out" or "aborted". */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('the transport failed');
    this.reason = reason;
  }
}

/** Stands for a body that the client, or we, would run out of stack with. */
const TOO_DEEP = '(JSON that is nested too deep)';

/** Keeps error bodies in other forms than OpenAI's, `{"detail": "…"}` for one. */
class OpenAIWithErrorBody extends OpenAI {
  protected override async prepareRequest({ headers }: RequestInit): Promise<void> {
    if (headers instanceof Headers) for (const name of TELEMETRY) headers.delete(name);
  }

  protected override makeStatusError(
    status: number,
    error: object,
    message: string | undefined,
    headers: Headers,
  ) {
    if (isDeeperThan(MOST_JSON_LEVELS, error))
      return super.makeStatusError(status, { error: { message: TOO_DEEP } }, TOO_DEEP, headers);
    return super.makeStatusError(status, error, message ?? JSON.stringify(error), headers);
  }
}

/** OPENAI_CUSTOM_HEADERS, which the client adds by itself, may hold secrets for the environment's own server. */
function withoutForeignHeaders(init: RequestInit | undefined): RequestInit | undefined {
  const headers = init?.headers;
  if (!(headers instanceof Headers)) return init;
  for (const name of [...headers.keys()]) if (!OURS.test(name)) headers.delete(name);
  return init;
}
