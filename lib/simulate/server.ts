import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, StepFailure } from '../errors.js';
import { type Answer, Answers, requestHash } from './answer.js';
import { protocols } from './protocols.js';
import type { SimulatedRequest, Simulation, SimulationOptions } from './simulation.js';

type Answering = Simulation['answer'];

/** More callers than the usual 511 may knock at once. */
const BACKLOG = 4096;

/** Serves the answers as the Responses and Chat Completions APIs do. */
async function listen(answer: Answering): Promise<Pick<Simulation, 'baseUrl' | 'close'>> {
  const server = createServer((request, response) => {
    serve(request, response, answer).catch((error) => response.destroy(error));
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the simulation has no port');
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, answer: Answering): Promise<void> {
  const protocol = protocols.get(`${request.method} ${request.url}`);
  const body = await text(request);
  if (!protocol) return fail(response, 404, `[simulated] there is no ${request.method} ${request.url}`);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    const asked = protocol.read(JSON.parse(body));
    response.setHeader('x-request-id', `sim_${requestHash(asked).id}`);
    const answered = await answer(asked, gone.signal);
    send(response, 200, protocol.write(asked, answered));
  } catch (error) {
    if (gone.signal.aborted) return;
    fail(response, error instanceof StepFailure ? error.status : 400, messageOf(error));
  }
}

function fail(response: ServerResponse, status = 500, message: string): void {
  response.setHeader('retry-after-ms', '1');
  send(response, status, {
    error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error' },
  });
}

function send(response: ServerResponse, status: number, body: object): void {
  const json = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(json),
  });
  response.end(json);
}

/** Starts the embedded stand-in for the model, on a free port of the loopback interface. */
export async function startSimulation(options: SimulationOptions = {}): Promise<Simulation> {
  const { latency = 0, fail = 0 } = options;
  const answers = new Answers();

  async function answer(request: SimulatedRequest, signal: AbortSignal): Promise<Answer> {
    if (latency > 0) await delay(latency, undefined, { signal });
    const hash = requestHash(request);
    if (hash.roll < fail) throw failure(`[simulated] a failure, as \`fail=${fail}\` asks for`, 500);
    const made = await answers.to(request, hash);
    if (made) return made;
    throw failure('[simulated] the stand-in found no answer that fits the schema', 400);
  }

  const server = await listen(answer);
  return { ...server, answer };
}

function failure(message: string, status: number): StepFailure {
  return new StepFailure('server', message, { status, retryable: status === 500, retryAfterMs: 1 });
}
