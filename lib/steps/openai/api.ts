import type { OpenAI } from 'openai';
import * as z from 'zod';
import { StepFailure } from '../../errors.js';
import type { StepFacts, ToolCalls, Usage } from '../../flow/flow.js';
import { tierNamed } from '../../flow/usage.js';
import { isStrict } from '../../util/strict-schema.js';
import { sentSchema } from '../answer-schema.js';
import { quote } from '../text.js';
import { tokenCount } from '../token-count.js';

/** One call, as the config and the flow have it. */
export interface Question {
  readonly model: string;
  readonly instructions: string;
  readonly input: string;
  readonly schema: Readonly<Record<string, unknown>> | null;
  readonly request: Readonly<Record<string, unknown>>;
}

/** The content of a whole answer. */
export interface Answer {
  readonly facts: Pick<StepFacts, 'usage' | 'toolCalls' | 'tier' | 'costUsd' | 'model'>;
  /** The text, or why there is none. */
  readonly outcome: string | StepFailure;
}

/** One of the two APIs that the step speaks. */
export interface Api {
  readonly name: string;
  ask(client: OpenAI, question: Question, signal: AbortSignal): Promise<Response>;
  /** Null where the body isn't an answer of this API. */
  read(body: unknown, question: Question): Answer | null;
}

/**
 * Why an answer that ended for this reason is none; null where it is complete, or a tool call.
 *
 * @param limit the parameter of the API that bounds an answer
 * @param error the server's message beside the reason
 */
export function endFailure(
  reason: string | null | undefined,
  limit: string,
  error?: string | null,
): StepFailure | null {
  const word = quote(reason ?? '');
  switch (endingOf(reason)) {
    case 'cut off':
      return tooLong(limit);
    case 'filtered':
      return new StepFailure('refused', `the content filter stopped the answer (${word})`);
    case 'broken off':
      return new StepFailure('server', `the server broke the answer off (${error ? quote(error) : word})`, {
        retryable: true,
      });
    case 'unknown':
      return new StepFailure(
        'bad_output',
        `the answer ended for an unknown reason (${word}): it may be cut off`,
        {
          retryable: 'once',
        },
      );
    default:
      return null;
  }
}

/** Another try would be cut off as well. */
function tooLong(limit: string): StepFailure {
  return new StepFailure('bad_output', 'the answer was cut off at the output token limit', {
    hint: `Raise \`${limit}\` in \`request\`, or ask for less.`,
  });
}

/** Some models give an empty answer now and then. */
export function emptyAnswer(): StepFailure {
  return new StepFailure('bad_output', 'the answer is empty', { retryable: true });
}

export function toolCall(): StepFailure {
  return new StepFailure('bad_output', 'the model called a tool instead of answering', {
    hint: 'An openai step runs no tools of yours: leave them out of `request`.',
  });
}

/** A count of tokens; servers leave out, or garble, what they don't count. */
export const count = tokenCount.nullish().catch(null);

/** The tier of service, as a server names it. */
export const tier = z.string().max(64).nullish().catch(null);

type Count = number | null | undefined;

/** The tokens of a call, as a server counts them. */
export interface Counts {
  readonly input: Count;
  readonly cached: Count;
  readonly cacheWrite: Count;
  /** The part of it that is kept for 12 hours. */
  readonly longCacheWrite?: Count;
  readonly output: Count;
  readonly reasoning: Count;
  readonly total: Count;
}

/** The facts in an answer. */
interface Told {
  readonly usage: Counts;
  readonly toolCalls: ToolCalls | undefined;
  readonly service_tier?: string | null | undefined;
  readonly model?: string | null | undefined;
}

/** Put in one by one: spreads take ten times as long. */
export function factsOf({ usage: counts, toolCalls, service_tier: tier, model }: Told): Answer['facts'] {
  const facts: { -readonly [F in keyof Answer['facts']]: Answer['facts'][F] } = {};
  const usage = usageOf(counts);
  if (usage) facts.usage = usage;
  if (toolCalls) facts.toolCalls = toolCalls;
  if (tier) facts.tier = tierNamed(tier);
  // The longer cache has a rate of its own, which the price list lacks (2026-11).
  if (counts.longCacheWrite) facts.costUsd = null;
  if (model) facts.model = model;
  return facts;
}

/** Undefined where the server reports no counts: unknown is not zero. */
function usageOf(counts: Counts): Usage | undefined {
  const { input, cached, cacheWrite, output, reasoning } = counts;
  if (typeof input !== 'number' && typeof output !== 'number') return undefined;
  const beside = countedBeside(counts);
  return {
    inputTokens: (input ?? 0) + beside.input,
    cachedInputTokens: cached ?? 0,
    ...(typeof cacheWrite === 'number' && { cacheWriteInputTokens: cacheWrite }),
    outputTokens: (output ?? 0) + beside.output,
    reasoningTokens: Math.max(reasoning ?? 0, beside.output),
  };
}

/**
 * Tokens that a server bills and counts beside input and output, by the total: the reasoning of xAI and Gemini (in
 * their compatible APIs, 2026-11; Gemini reports it in no other way), or tokens read from and written to a cache.
 * Without a total, reasoning above the output isn't part of it.
 */
function countedBeside(counts: Counts): { readonly input: number; readonly output: number } {
  const input = counts.input ?? 0;
  const output = counts.output ?? 0;
  const reasoning = counts.reasoning ?? 0;
  const total = counts.total ?? 0;
  if (total === 0) return { input: 0, output: reasoning > output ? reasoning : 0 };
  const beside = Math.max(0, total - input - output);
  const inCache = (counts.cached ?? 0) + (counts.cacheWrite ?? 0);
  return beside !== reasoning && beside === inCache
    ? { input: beside, output: 0 }
    : { input: 0, output: beside };
}

/** The schema of the answer in a request, for both APIs. */
export function answerFormat(schema: Readonly<Record<string, unknown>>) {
  const sent = sentSchema(schema);
  return { name: 'answer', schema: { ...sent }, strict: isStrict(sent) };
}

/** The state of an answer, by the reason why the model stopped. */
export type Ending = 'complete' | 'tool call' | 'cut off' | 'filtered' | 'broken off' | 'unknown';

/**
 * The words of servers, in lower case: as OpenAI, Google, Anthropic, Mistral, DeepSeek, Cohere, Amazon Bedrock, Z.ai,
 * OpenRouter, vLLM and Text Generation Inference document them (2026-11).
 */
const words: readonly (readonly [Ending, readonly string[]])[] = [
  ['complete', ['stop', 'stop_sequence', 'eos', 'eos_token', 'end_turn', 'complete', 'completed']],
  ['tool call', ['tool_calls', 'tool_call', 'tool_use', 'function_call']],
  [
    'cut off',
    [
      ...['length', 'max_tokens', 'max_output_tokens', 'max_completion_tokens', 'error_limit'],
      ...['model_length', 'model_context_window_exceeded'],
    ],
  ],
  [
    'filtered',
    [
      ...[
        'content_filter',
        'content_filtered',
        'guardrail_intervened',
        'refusal',
        'sensitive',
        'error_toxic',
      ],
      ...['safety', 'image_safety', 'recitation', 'blocklist', 'prohibited_content', 'spii', 'language'],
    ],
  ],
  [
    'broken off',
    [
      ...['error', 'server_error', 'network_error', 'insufficient_system_resource'],
      ...['abort', 'aborted', 'cancelled', 'canceled', 'user_cancel', 'timeout'],
    ],
  ],
];

const endings = new Map(words.flatMap(([ending, reasons]) => reasons.map((reason) => [reason, ending])));

/** A server that gives no reason takes its answer for complete. */
export function endingOf(reason: string | null | undefined): Ending {
  if (!reason) return 'complete';
  return endings.get(reason.toLowerCase().replaceAll('-', '_')) ?? 'unknown';
}
