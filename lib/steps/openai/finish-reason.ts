/** What the reason why a model stopped says of its answer. */
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
