import * as z from 'zod';
import { StepFailure } from '../../errors.js';
import { isPassing, KIND_OF, subjectOf } from '../rejection.js';
import { quote } from '../text.js';
import {
  type Api,
  answerFormat,
  type Counts,
  count,
  emptyAnswer,
  endFailure,
  factsOf,
  tier,
  toolCall,
} from './api.js';
import { toolCallsIn, toolItem, toolUsage } from './hosted-tools.js';

const part = z.object({ type: z.string(), text: z.string().nullish(), refusal: z.string().nullish() });
const item = toolItem.extend({
  status: z.string().nullish().catch(null),
  phase: z.string().nullish().catch(null),
  content: z.array(part).nullish().catch(null),
});
const answer = z.object({
  status: z.string().nullish(),
  model: z.string().nullish(),
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
  incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
  output: z.array(item).nullish(),
  service_tier: tier,
  tool_usage: toolUsage,
  usage: z
    .object({
      input_tokens: count,
      input_tokens_details: z
        .object({
          cached_tokens: count,
          cache_write_tokens: count,
          cache_write_tokens_details: z.object({ ttl_12h_tokens: count }).nullish().catch(null),
        })
        .nullish()
        .catch(null),
      output_tokens: count,
      output_tokens_details: z.object({ reasoning_tokens: count }).nullish().catch(null),
      total_tokens: count,
    })
    .nullish()
    .catch(null),
});
type Answer = z.infer<typeof answer>;

/** The Responses API. */
export const responses: Api = {
  name: 'Responses API',
  ask(client, { model, instructions, input, schema, request }, signal) {
    const text = typeof request.text === 'object' ? request.text : {};
    const params = {
      ...request,
      model,
      input,
      ...(instructions && { instructions }),
      ...(schema && { text: { ...text, format: { type: 'json_schema' as const, ...answerFormat(schema) } } }),
    };
    return client.responses.create(params, { signal }).asResponse();
  },
  read(body, { request }) {
    const { data } = answer.safeParse(body);
    // Whatever else an object is, without output it is an answer only if it says that it failed.
    if (!data || (!data.output && data.status !== 'failed')) return null;
    const { model, service_tier, output, tool_usage } = data;
    const toolCalls = toolCallsIn(output ?? [], tool_usage, request);
    return {
      facts: factsOf({ model, service_tier, toolCalls, usage: countsIn(data) }),
      outcome: outcome(data),
    };
  },
};

function countsIn({ usage }: Answer): Counts {
  return {
    input: usage?.input_tokens,
    cached: usage?.input_tokens_details?.cached_tokens,
    cacheWrite: usage?.input_tokens_details?.cache_write_tokens,
    longCacheWrite: usage?.input_tokens_details?.cache_write_tokens_details?.ttl_12h_tokens,
    output: usage?.output_tokens,
    reasoning: usage?.output_tokens_details?.reasoning_tokens,
    total: usage?.total_tokens,
  };
}

function outcome(answer: Answer): string | StepFailure {
  const { status = 'completed', incomplete_details: incomplete } = answer;
  const output = answer.output ?? [];
  if (status === 'failed') return failed(answer);
  if (status === 'incomplete') return unfinished(incomplete?.reason);
  if (status !== 'completed' && status !== null) {
    return new StepFailure('bad_output', `the answer is \`${status}\`, not completed`);
  }
  const messages = output.filter(isFinal);
  if (messages.some((message) => message.status === 'incomplete')) return unfinished(incomplete?.reason);
  const parts = messages.flatMap(({ content }) => content ?? []);
  const refusal = parts.find(({ type }) => type === 'refusal');
  if (refusal) return new StepFailure('refused', `the model refused: ${quote(refusal.refusal ?? '')}`);
  const text = parts.map((part) => (part.type === 'output_text' ? part.text : '')).join('');
  if (isToolCall(output.at(-1))) return toolCall();
  if (text !== '') return text;
  return output.some(({ type }) => type.endsWith('_call')) ? toolCall() : emptyAnswer();
}

/** The model waits for the result of a tool of ours: the text so far isn't the answer yet. */
function isToolCall(last: z.infer<typeof item> | undefined): boolean {
  return last?.type === 'function_call' || last?.type === 'custom_tool_call';
}

/** Remarks before the answer don't belong to it. */
function isFinal({ type, phase }: z.infer<typeof item>): boolean {
  return type === 'message' && phase !== 'commentary';
}

/** An answer that calls itself incomplete is none, whatever its reason. */
function unfinished(reason: string | null | undefined): StepFailure {
  const why = reason ? ` (${quote(reason)})` : '';
  return (
    endFailure(reason, 'max_output_tokens') ?? new StepFailure('bad_output', `the answer is incomplete${why}`)
  );
}

function failed({ error }: Answer): StepFailure {
  const text = error?.message ?? 'no reason was given';
  const about = subjectOf({ codes: [error?.code], text });
  return new StepFailure(KIND_OF[about], `the model failed: ${quote(text)}`, { retryable: isPassing(about) });
}
