import type { Usage } from '../../../flow/flow.js';
import type { CodexEvent, CodexItem, CodexUsage, CommandItem } from './event.js';

/** Changed files and running commands are counted up to this number. */
const MOST = 10_000;

/** The events of one `codex exec`, reduced to what verdict and record need; its size is bounded. */
export class Turn {
  threadId: string | undefined;
  completed = false;
  /** Why the turn failed. */
  failure: string | undefined;
  /** The last warning; "Reconnecting… 1/5" is one, so it isn't fatal by itself. */
  warning: string | undefined;
  usage: Usage | undefined;
  /** The last one of the agent. */
  message = '';
  /** It went on working after its last message: that one isn't the final message. */
  unfinished = false;
  readonly #files = new Set<string>();
  #ended = 0;
  /** Command lines by the item's id. */
  readonly #running = new Map<string, string>();

  /** How many commands were run. */
  get commands(): number {
    return this.#ended + this.#running.size;
  }

  /** The command lines that were begun and didn't end. */
  get running(): readonly string[] {
    return [...this.#running.values()];
  }

  /** How many files were changed. */
  get filesChanged(): number {
    return this.#files.size;
  }

  see(event: CodexEvent): void {
    switch (event.type) {
      case 'thread.started':
        this.threadId = event.thread_id;
        break;
      case 'item.started':
        this.#begin(event.item);
        break;
      case 'item.completed':
        this.#count(event.item);
        break;
      case 'turn.completed':
        this.completed = true;
        this.usage = event.usage && usageOf(event.usage);
        break;
      case 'turn.failed':
        this.failure = event.error?.message ?? 'the turn failed';
        break;
      case 'error':
        this.warning = event.message;
    }
  }

  #begin(item: CodexItem): void {
    if (item.type !== 'command_execution') return;
    this.unfinished = true;
    if (this.#running.size < MOST) this.#running.set(item.id, item.command);
  }

  #count(item: CodexItem): void {
    switch (item.type) {
      case 'agent_message':
        this.unfinished = false;
        this.message = item.text;
        break;
      case 'command_execution':
        this.#end(item);
        break;
      case 'file_change':
        this.unfinished = true;
        if (item.status !== 'failed') this.#changed(item.changes);
    }
  }

  /** At the end of the turn some versions call commands completed that still run: these have no exit code. */
  #end({ id, status, exit_code }: CommandItem): void {
    const isDeclined = status === 'declined';
    if (exit_code === null && !isDeclined) return;
    this.#running.delete(id);
    if (!isDeclined) this.#ended++;
  }

  #changed(changes: readonly { readonly path: string }[]): void {
    for (const { path } of changes) {
      if (this.#files.size < MOST) this.#files.add(path);
    }
  }
}

function usageOf(told: CodexUsage): Usage {
  const { cache_write_input_tokens: cacheWrites } = told;
  return {
    inputTokens: told.input_tokens,
    cachedInputTokens: told.cached_input_tokens,
    ...(cacheWrites !== undefined && { cacheWriteInputTokens: cacheWrites }),
    outputTokens: told.output_tokens,
    reasoningTokens: told.reasoning_output_tokens,
  };
}
