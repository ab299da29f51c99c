import { z } from 'zod';
import type { Usage } from '../../flow.js';

const count = z.number().catch(0);

const usage = z.object({
  input_tokens: count,
  cached_input_tokens: count,
  output_tokens: count,
  reasoning_output_tokens: count,
});

const event = z.object({
  type: z.string(),
  message: z.string().optional().catch(undefined),
  error: z.object({ message: z.string() }).optional().catch(undefined),
  usage: usage.optional().catch(undefined),
});

/** What the events of one `codex exec` told, as far as it matters for the verdict; its size is bounded. */
export class Turn {
  completed = false;
  /** Why the turn failed. */
  failure: string | undefined;
  /** The last warning; "Reconnecting… 1/5" is one, so it isn't fatal by itself. */
  warning: string | undefined;
  usage: Usage | undefined;

  /** Takes in one line of the event stream; one that isn't an event changes nothing. */
  see(line: string): void {
    const { data } = event.safeParse(parsed(line));
    switch (data?.type) {
      case 'turn.completed':
        this.completed = true;
        this.usage = data.usage && usageOf(data.usage);
        break;
      case 'turn.failed':
        this.failure = data.error?.message ?? 'the turn failed';
        break;
      case 'error':
        this.warning = data.message;
    }
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function usageOf(told: z.infer<typeof usage>): Usage {
  return {
    inputTokens: told.input_tokens,
    cachedInputTokens: told.cached_input_tokens,
    outputTokens: told.output_tokens,
    reasoningTokens: told.reasoning_output_tokens,
  };
}
