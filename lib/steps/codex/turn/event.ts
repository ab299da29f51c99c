import * as z from 'zod';
import { StepFailure } from '../../../errors.js';
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

/** An event of `codex exec --json`, one a line, as far as it matters here. */
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

const NEWLINE = 10;
/** A longer line ends the attempt: it may be the one with the turn's result. */
export const LONGEST_EVENT_BYTES = 16 * 2 ** 20;

/** Puts chunks together to lines and shows each of them once. Throws a StepFailure where one is too long. */
export class Lines {
  readonly #see: (line: string) => void;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(see: (line: string) => void) {
    this.#see = see;
  }

  add(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      this.end();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  /** A last line without a newline is a line, too. */
  end(): void {
    if (this.#bytes > 0) this.#see(Buffer.concat(this.#parts).toString());
    this.#parts = [];
    this.#bytes = 0;
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > LONGEST_EVENT_BYTES) throw tooLong();
    if (part.length > 0) this.#parts.push(part);
  }
}

function tooLong(): StepFailure {
  const most = `${LONGEST_EVENT_BYTES / 2 ** 20} MiB`;
  return new StepFailure('bad_output', `codex wrote an event of more than ${most}`, {
    hint: 'Ask for a shorter final message, and have long outputs of commands and tools written to files.',
  });
}
