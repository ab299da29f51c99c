import type { OpenAI } from 'openai';
import * as z from 'zod';
import { StepFailure } from '../../errors.js';
import type { StepContext } from '../../step/step.js';
import { jsonIn } from '../../util/values.js';
import type { Answer, Api, Question } from './api.js';
import { APIError } from './client.js';
import { complaintFailure, excerpt, failureOf } from './failure.js';
import { limitsIn } from './headers.js';
import type { Server } from './server.js';

/** One call to a model: the server and the request. */
export interface Call {
  readonly client: OpenAI;
  readonly server: Server;
  readonly api: Api;
  readonly question: Question;
}

/** Makes the call. Its cost is reported before the answer is judged: a bad one is billed as well. */
export async function answerTo(call: Call, context: StepContext): Promise<string> {
  context.lane?.({ tokens: estimated(call.question) });
  const response = await send(call, context);
  tellOf(response.headers, call.server, context);
  const { facts, outcome } = read(await response.text(), response, call);
  context.tell(facts);
  if (facts.usage) context.lane?.({ tokens: facts.usage.inputTokens + facts.usage.outputTokens });
  if (typeof outcome === 'string') return outcome;
  throw outcome;
}

async function send({ api, client, question, server }: Call, context: StepContext): Promise<Response> {
  try {
    return await api.ask(client, question, context.signal);
  } catch (error) {
    // The engine knows why it aborted.
    if (context.signal.aborted) throw error;
    if (error instanceof RangeError) throw error; // its body is too long for a text: nothing was sent
    if (error instanceof APIError && error.headers) tellOf(error.headers, server, context);
    throw failureOf(error, server);
  }
}

function tellOf(headers: Headers, { clean }: Server, context: StepContext): void {
  const requestId = headers.get('x-request-id');
  if (requestId) context.tell({ requestId: clean(requestId) });
  context.lane?.(limitsIn(headers));
}

/** As OpenAI counts against its limits before it has answered. */
function estimated({ instructions, input }: Question): number {
  return Math.ceil((instructions.length + input.length) / 4);
}

function read(text: string, response: Response, call: Call): Answer {
  const body = jsonIn(text);
  const answer = body === undefined ? null : call.api.read(body, call.question);
  if (answer) return answer;
  throw complaintIn(body, call.server) ?? unreadable({ text, isJson: body !== undefined }, response, call);
}

/** A server that doesn't speak the API won't learn it; a proxy's page and half an answer may be followed by a whole one. */
function unreadable(
  { text, isJson }: { readonly text: string; readonly isJson: boolean },
  { status, headers }: Response,
  { api, server }: Call,
): StepFailure {
  const start = excerpt(text, server) || '(nothing)';
  const isStream = headers.get('content-type')?.startsWith('text/event-stream');
  const fault = isStream
    ? 'is a stream, which was not asked for'
    : isJson
      ? `isn't an answer of the ${api.name}`
      : "isn't JSON";
  return new StepFailure('server', `${server.host} answered ${status}, but the body ${fault}: ${start}`, {
    status,
    retryable: isStream || isJson ? 'once' : true,
    hint: `Is \`baseUrl\` right (mostly it ends in /v1), and \`api\`? The step speaks the ${api.name}.`,
  });
}

const complaint = z.object({
  error: z.object({ code: z.union([z.number(), z.string()]).nullish(), message: z.string() }),
});

/** Routers answer 200 and put the error of the server behind them inside. */
function complaintIn(body: unknown, server: Server): StepFailure | null {
  const { data } = complaint.safeParse(body);
  if (!data) return null;
  const { code, message } = data.error;
  const status = Number(code);
  return complaintFailure({ status: status >= 400 ? status : 500, codes: [String(code)], message }, server);
}
