import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** What it charges, in dollars for a million tokens. */
export const PRICE = { input: 2, cachedInput: 0.5, output: 8 };

/** A model's server that counts what its answers cost: the Responses API, real sockets. */
export interface BillingServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/v1` */
  readonly baseUrl: string;
  /** What it has charged until now. */
  readonly bill: { readonly calls: number; readonly tokens: number; readonly usd: number };
  /** Milliseconds before each answer. */
  latency: number;
}

/**
 * Starts the server on a free port of the loopback interface. Each seventh answer is no JSON, and charged all the same;
 * each 23rd is a failure of its own, and free.
 */
export async function billingServer(latency = 0): Promise<BillingServer> {
  let requests = 0;
  let [calls, tokens, micros] = [0, 0, 0];

  async function serve(response: ServerResponse): Promise<void> {
    const number = ++requests;
    await delay(billing.latency);
    if (number % 23 === 0) return send(response, 503, { error: { message: 'The server is overloaded' } });
    const usage = usageOf(number);
    calls++;
    tokens += usage.input + usage.output;
    micros += costOf(usage);
    send(response, 200, answer(number % 7 === 0 ? 'no' : '{"ok":true}', usage));
  }

  const server = createServer((request, response) => {
    text(request)
      .then(() => serve(response))
      .catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const billing: BillingServer = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    get bill() {
      return { calls, tokens, usd: micros / 1e6 };
    },
    latency,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
  return billing;
}

interface Used {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  /** Part of the output. */
  readonly reasoning: number;
}

function usageOf(number: number): Used {
  return { input: 500 + 2 * number, cached: 2 * (number % 50), output: 100 + (number % 20), reasoning: 40 };
}

/** In millionths of a dollar: whole numbers, since half of an even number is one. */
function costOf({ input, cached, output }: Used): number {
  return (input - cached) * PRICE.input + cached * PRICE.cachedInput + output * PRICE.output;
}

function answer(text: string, { input, cached, output, reasoning }: Used): object {
  return {
    object: 'response',
    status: 'completed',
    model: 'house',
    output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }],
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: cached },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: reasoning },
    },
  };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
