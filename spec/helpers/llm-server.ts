import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { type FixtureFileResponse, LLMock } from '@copilotkit/aimock';
import { request as forward } from 'undici';

/** What a caller sent. */
interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** One answer. The first three are put on the wire by aimock: Responses and Chat Completions, whole or as a stream. */
export type Reply =
  | { readonly text: string; readonly model?: string; readonly usage?: Readonly<Record<string, number>> }
  | { readonly tool: string; readonly arguments: object }
  | {
      readonly status: number;
      readonly error: { message: string; type?: string; code?: string };
      readonly retryAfter?: number;
    }
  | { readonly refusal: string }
  /** Sent as it is. */
  | { readonly json: unknown; readonly status?: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly raw: (response: ServerResponse, request: IncomingMessage) => void };

interface ReplyOptions {
  /** Only to requests whose body contains this. */
  readonly when?: string;
  /** So many times; afterwards the next reply that fits has its turn. */
  readonly times?: number;
  /** Milliseconds before the answer. */
  readonly delay?: number;
}

/** A language model's server for tests: third-party wire formats, real sockets, no model. */
export interface LlmServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/v1` */
  readonly baseUrl: string;
  /** All requests so far. */
  readonly requests: readonly Received[];
  /** How many requests were open at once, at most. */
  readonly peak: number;
  /** Adds a reply; of those that fit a request, the first added is used. */
  reply(reply: Reply, options?: ReplyOptions): LlmServer;
  stop(): Promise<void>;
}

/** Starts the server on a free port of the loopback interface: `await using llm = await llmServer()`. */
export async function llmServer(): Promise<LlmServer> {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 1000 });
  await mock.start();
  const rules: (ReplyOptions & { reply: Reply; context: string; left: number })[] = [];
  const requests: Received[] = [];
  let open = 0;
  let peak = 0;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    peak = Math.max(peak, ++open);
    response.on('close', () => open--);
    const body = await text(request);
    requests.push({ path: request.url ?? '', headers: request.headers, body });
    const rule = rules.find(({ left, when }) => left > 0 && body.includes(when ?? ''));
    if (rule) rule.left--;
    if (rule?.delay) await delay(rule.delay);
    const { reply } = rule ?? {
      reply: { json: { error: { message: 'no reply was set for this' } }, status: 404 },
    };
    if ('raw' in reply) reply.raw(response, request);
    else if ('json' in reply) send(response, reply);
    else if ('refusal' in reply) send(response, { json: refusal(request.url ?? '', reply.refusal) });
    else await viaMock(mock.url, rule?.context ?? '', request.url ?? '', body, response);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const llm: LlmServer = {
    baseUrl: `http://127.0.0.1:${portOf(server.address())}/v1`,
    requests,
    get peak() {
      return peak;
    },
    reply(reply, options = {}) {
      const context = `rule-${rules.length}`;
      rules.push({ ...options, reply, context, left: options.times ?? Number.POSITIVE_INFINITY });
      const fixture = fixtureOf(reply);
      if (fixture) mock.on({ context }, fixture);
      return llm;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await mock.stop();
    },
    [Symbol.asyncDispose]: () => llm.stop(),
  };
  return llm;
}

function fixtureOf(reply: Reply): FixtureFileResponse | null {
  if ('text' in reply)
    return {
      content: reply.text,
      ...(reply.model && { model: reply.model }),
      ...(reply.usage && { usage: reply.usage }),
    };
  if ('tool' in reply)
    return { toolCalls: [{ name: reply.tool, arguments: JSON.stringify(reply.arguments) }] };
  if ('error' in reply) return { ...reply, error: { ...reply.error } };
  return null;
}

async function viaMock(
  url: string,
  context: string,
  path: string,
  body: string,
  response: ServerResponse,
): Promise<void> {
  const headers = { 'content-type': 'application/json', 'x-aimock-context': context };
  const answer = await forward(url + path, { method: 'POST', headers, body });
  response.writeHead(answer.statusCode, answer.headers);
  answer.body.pipe(response);
}

function send(
  response: ServerResponse,
  { json, status = 200, headers = {} }: Extract<Reply, { json: unknown }>,
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(json));
}

/** aimock knows no refusals. */
function refusal(path: string, refusal: string): object {
  if (path.endsWith('/responses')) {
    const content = [{ type: 'refusal', refusal }];
    return {
      object: 'response',
      status: 'completed',
      model: 'm',
      output: [{ type: 'message', role: 'assistant', content }],
    };
  }
  return {
    model: 'm',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: null, refusal } }],
  };
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (address && typeof address === 'object') return address.port;
  throw new Error('the server has no port');
}
