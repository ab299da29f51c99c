import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** One answer of the server to `POST /v1/responses`. */
export type Turn =
  /** With `open`, the answer never ends. */
  | { readonly items: readonly object[]; readonly open?: true }
  | { readonly status: number; readonly error: object; readonly headers?: Readonly<Record<string, string>> }
  /** Never answered: the request stays open until the client or the server goes. */
  | 'hang';

/** What the codex binary sent. */
export interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A loopback stand-in for the Responses API, with exact control over the stream's items. */
export interface ResponsesServer extends AsyncDisposable {
  readonly port: number;
  readonly received: readonly Received[];
}

export function message(text: string): object {
  return { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] };
}

/** Makes codex really run a command. `yieldMs`: how long the model waits for its end (default: what codex says). */
export function command(cmd: string, yieldMs?: number): object {
  return {
    type: 'function_call',
    call_id: 'call_1',
    name: 'exec_command',
    arguments: JSON.stringify({ cmd, ...(yieldMs !== undefined && { yield_time_ms: yieldMs }) }),
  };
}

const usage = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 40 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 5 },
  total_tokens: 120,
};

/**
 * Does what the prompt says: has the command after its last `run: ` run, and answers `done`, with the command's output,
 * when that comes back.
 */
export function obedient({ body }: Received): Turn {
  const { input }: { input: readonly Item[] } = JSON.parse(body);
  const last = input.at(-1);
  if (last?.type === 'function_call_output') return { items: [message(`done: ${last.output}`)] };
  const prompt = last?.content?.[0]?.text ?? '';
  return { items: [command(prompt.slice(prompt.lastIndexOf('run: ') + 'run: '.length))] };
}

interface Item {
  readonly type: string;
  readonly output?: string;
  readonly content?: readonly { readonly text: string }[];
}

/** Answers the n-th request with the n-th turn, further ones with the last; or each as a function says. */
export async function responsesServer(
  turns: readonly Turn[] | ((request: Received) => Turn),
): Promise<ResponsesServer> {
  const turnFor = typeof turns === 'function' ? turns : inOrder(turns);
  const received: Received[] = [];
  const server = createServer(async (incoming, response) => {
    const body = await text(incoming);
    const { headers } = incoming;
    if (incoming.method !== 'POST') return void response.writeHead(404).end('{}');
    const request: Received = { headers, body };
    received.push(request);
    answer(response, turnFor(request));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    port: address.port,
    received,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function inOrder(turns: readonly Turn[]): () => Turn {
  let answered = 0;
  return () => turns[answered++] ?? turns.at(-1) ?? 'hang';
}

function answer(response: ServerResponse, turn: Turn): void {
  if (turn === 'hang') return;
  if ('status' in turn) {
    response.writeHead(turn.status, { 'content-type': 'application/json', ...turn.headers });
    response.end(JSON.stringify({ error: turn.error }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const id = 'resp_1';
  send(response, { type: 'response.created', response: { id } });
  for (const item of turn.items) send(response, { type: 'response.output_item.done', item });
  if (turn.open) return;
  send(response, { type: 'response.completed', response: { id, usage } });
  response.end();
}

function send(response: ServerResponse, event: object): void {
  response.write(`data: ${JSON.stringify(event)}\n\n`);
}

async function text(request: IncomingMessage): Promise<string> {
  let body = '';
  request.setEncoding('utf8');
  for await (const chunk of request) body += chunk;
  return body;
}
