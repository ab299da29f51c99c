import * as z from 'zod';
import { StepFailure } from '../../errors.js';
import { quote } from '../text.js';
import {
  type Api,
  answerFormat,
  type Counts,
  count,
  emptyAnswer,
  endFailure,
  endingOf,
  factsOf,
  tier,
  toolCall,
} from './api.js';
import { chatSearches } from './hosted-tools.js';

const part = z.object({ type: z.string().nullish(), text: z.string().nullish() });
const choice = z.object({
  finish_reason: z.string().nullish(),
  // Routers put the error of the server behind them here.
  error: z.object({ message: z.string() }).nullish().catch(null),
  message: z.object({
    content: z.union([z.string(), z.array(part)]).nullish(),
    refusal: z.string().nullish(),
    tool_calls: z.array(z.unknown()).nullish().catch(null),
    annotations: z
      .array(z.object({ type: z.string() }))
      .nullish()
      .catch(null),
  }),
});
const answer = z.object({
  model: z.string().nullish(),
  choices: z.array(choice),
  service_tier: tier,
  usage: z
    .object({
      prompt_tokens: count,
      prompt_tokens_details: z
        .object({ cached_tokens: count, cache_write_tokens: count })
        .nullish()
        .catch(null),
      completion_tokens: count,
      completion_tokens_details: z.object({ reasoning_tokens: count }).nullish().catch(null),
      total_tokens: count,
    })
    .nullish()
    .catch(null),
});

/** Chat Completions, which many servers speak that know no Responses API. */
export const chat: Api = {
  name: 'Chat Completions API',
  ask(client, { model, instructions, input, schema, request }, signal) {
    // `system`, since other servers don't know `developer`; OpenAI takes the one for the other.
    const system = { role: 'system' as const, content: instructions };
    const params = {
      ...request,
      model,
      messages: [...(instructions ? [system] : []), { role: 'user' as const, content: input }],
      ...(schema && {
        response_format: { type: 'json_schema' as const, json_schema: answerFormat(schema) },
      }),
    };
    return client.chat.completions.create(params, { signal }).asResponse();
  },
  read(body, { model, request }) {
    const { data } = answer.safeParse(body);
    if (!data) return null;
    const [first] = data.choices;
    const cites = first?.message.annotations?.some(({ type }) => type === 'url_citation') === true;
    const toolCalls = chatSearches(model, request, cites);
    return { facts: factsOf({ ...data, toolCalls, usage: countsIn(data) }), outcome: outcome(first) };
  },
};

function countsIn({ usage }: z.infer<typeof answer>): Counts {
  return {
    input: usage?.prompt_tokens,
    cached: usage?.prompt_tokens_details?.cached_tokens,
    cacheWrite: usage?.prompt_tokens_details?.cache_write_tokens,
    output: usage?.completion_tokens,
    reasoning: usage?.completion_tokens_details?.reasoning_tokens,
    total: usage?.total_tokens,
  };
}

function outcome(first: z.infer<typeof choice> | undefined): string | StepFailure {
  if (!first) return emptyAnswer();
  const { finish_reason: reason, message, error } = first;
  if (message.refusal) return new StepFailure('refused', `the model refused: ${quote(message.refusal)}`);
  const failure = endFailure(error ? 'error' : reason, 'max_completion_tokens', error?.message);
  if (failure) return failure;
  const text = textOf(message.content ?? '');
  const calls = (message.tool_calls ?? []).length > 0;
  // Text before a tool call isn't the answer yet.
  if (calls && (text === '' || endingOf(reason) === 'tool call')) return toolCall();
  return text || emptyAnswer();
}

function textOf(content: string | readonly z.infer<typeof part>[]): string {
  if (typeof content === 'string') return content;
  return content.map(({ text }) => text ?? '').join('');
}
