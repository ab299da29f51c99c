import * as z from 'zod';
import { jsonIn } from '../../../util/values.js';
import { tokenCount } from '../../token-count.js';

const text = z.string().catch('');

/** Older versions leave out some counts. */
const part = tokenCount.catch(0);

const usage = z.object({
  input_tokens: tokenCount.default(0),
  cached_input_tokens: part,
  cache_write_input_tokens: tokenCount.optional().catch(undefined),
  output_tokens: tokenCount.default(0),
  reasoning_output_tokens: part,
});

const change = z.object({ path: z.string(), kind: text });

const commandItem = z.object({
  type: z.literal('command_execution'),
  id: text,
  command: text,
  exit_code: z.number().nullable().catch(null),
  status: text,
});

const item = z.discriminatedUnion('type', [
  commandItem,
  z.object({ type: z.literal('file_change'), changes: z.array(change).catch([]), status: text }),
  z.object({ type: z.literal('agent_message'), text }),
  z.object({ type: z.literal('error'), message: text }),
]);

const event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('thread.started'), thread_id: z.string() }),
  z.object({ type: z.enum(['item.started', 'item.completed']), item }),
  z.object({ type: z.literal('turn.completed'), usage: usage.optional().catch(undefined) }),
  z.object({
    type: z.literal('turn.failed'),
    error: z.object({ message: z.string() }).optional().catch(undefined),
  }),
  z.object({ type: z.literal('error'), message: text }),
]);

/** What codex tells with `--json`, one a line; as far as it matters here. */
export type CodexEvent = z.infer<typeof event>;

/** A command, a change of files, a message, a warning. */
export type CodexItem = z.infer<typeof item>;

/** A command of the model. */
export type CommandItem = z.infer<typeof commandItem>;

/** Token counts as codex has them; older versions lack some. */
export type CodexUsage = z.infer<typeof usage>;

/** The event in a line; null where it is none, or one that doesn't matter. */
export function eventIn(line: string): CodexEvent | null {
  return event.safeParse(jsonIn(line)).data ?? null;
}
