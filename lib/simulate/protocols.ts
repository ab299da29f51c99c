import * as z from 'zod';
import { StepFailure } from '../errors.js';
import { strictIssue } from '../util/strict-schema.js';
import { isObject } from '../util/values.js';
import { type Answer, requestHash } from './answer.js';
import type { SimulatedRequest } from './simulation.js';

/** How one API puts a request and its answer on the wire. */
interface Protocol {
  read(body: unknown): Asked;
  write(asked: Asked, answer: Answer): object;
}

interface Asked extends SimulatedRequest {
  readonly tier: string | null | undefined;
}

const wholeAnswers = z.literal(false, 'streams are not simulated').nullish();

const tier = z.string().nullish().catch(null);
const format = z.object({ schema: z.unknown(), strict: z.boolean().nullish() });

const responsesBody = z.object({
  model: z.string().nullish(),
  instructions: z.string().nullish(),
  input: z.unknown(),
  stream: wholeAnswers,
  service_tier: tier,
  text: z.object({ format: format.nullish() }).nullish(),
});

const responses: Protocol = {
  read(body) {
    const { model = null, instructions = null, input, text, service_tier: tier } = responsesBody.parse(body);
    return { model, instructions, input: asText(input), schema: schemaIn(text?.format), tier };
  },
  write(request, { text, usage }) {
    const { id } = requestHash(request);
    const part = { type: 'output_text', text, annotations: [] };
    return {
      id: `resp_${id}`,
      object: 'response',
      status: 'completed',
      model: request.model,
      ...servedIn(request),
      output: [{ type: 'message', id: `msg_${id}`, status: 'completed', role: 'assistant', content: [part] }],
      usage: {
        input_tokens: usage.inputTokens,
        input_tokens_details: { cached_tokens: usage.cachedInputTokens },
        output_tokens: usage.outputTokens,
        output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
        total_tokens: usage.inputTokens + usage.outputTokens,
      },
    };
  },
};

const chatBody = z.object({
  model: z.string().nullish(),
  messages: z.array(z.object({ role: z.string(), content: z.unknown() })),
  stream: wholeAnswers,
  service_tier: tier,
  response_format: z.object({ json_schema: format.nullish() }).nullish(),
});

const chat: Protocol = {
  read(body) {
    const { model = null, messages, response_format, service_tier: tier } = chatBody.parse(body);
    const system = messages.filter(({ role }) => role === 'system').map(({ content }) => asText(content));
    const others = messages.filter(({ role }) => role !== 'system').map(({ content }) => asText(content));
    return {
      model,
      instructions: system.length > 0 ? system.join('\n') : null,
      input: others.join('\n'),
      schema: schemaIn(response_format?.json_schema),
      tier,
    };
  },
  write(request, { text, usage }) {
    return {
      id: `chatcmpl_${requestHash(request).id}`,
      object: 'chat.completion',
      model: request.model,
      ...servedIn(request),
      choices: [
        { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: text, refusal: null } },
      ],
      usage: {
        prompt_tokens: usage.inputTokens,
        prompt_tokens_details: { cached_tokens: usage.cachedInputTokens },
        completion_tokens: usage.outputTokens,
        completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
        total_tokens: usage.inputTokens + usage.outputTokens,
      },
    };
  },
};

/** The tier is named where one was asked for, as OpenAI does. */
function servedIn({ tier }: Asked): object {
  return tier ? { service_tier: tier === 'auto' ? 'default' : tier } : {};
}

/** Throws where OpenAI refuses the schema, too. */
function schemaIn(asked: z.infer<typeof format> | null | undefined): unknown {
  const { schema, strict } = asked ?? {};
  if (schema === undefined || schema === null) return null;
  const issue = issueOf(schema, strict === true);
  if (issue === null) return schema;
  throw new StepFailure('refused', `[simulated] Invalid schema for response_format: ${issue}`, {
    status: 400,
  });
}

function issueOf(schema: unknown, strict: boolean): string | null {
  if (!isObject(schema) || schema.type !== 'object') return 'the root must have `type: object`';
  const issue = strict ? strictIssue(schema) : null;
  return issue && `${issue.path || 'the root'}: ${issue.message}`;
}

function asText(content: unknown): string {
  return typeof content === 'string' ? content : JSON.stringify(content ?? '');
}

/** By method and path. */
export const protocols: ReadonlyMap<string, Protocol> = new Map([
  ['POST /v1/responses', responses],
  ['POST /v1/chat/completions', chat],
]);
