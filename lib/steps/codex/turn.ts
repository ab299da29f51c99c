import type { Usage } from '../../flow.js';
import type { CodexEvent, CodexItem, CodexUsage } from './event.js';

/** So many changed files are told apart; from there on they aren't counted. */
const MOST_FILES = 10_000;

/** What the events of one `codex exec` told, as far as it matters for verdict and record; its size is bounded. */
export class Turn {
  threadId: string | undefined;
  completed = false;
  /** Why the turn failed. */
  failure: string | undefined;
  /** The last warning; "Reconnecting… 1/5" is one, so it isn't fatal by itself. */
  warning: string | undefined;
  usage: Usage | undefined;
  /** How many commands were run. */
  commands = 0;
  /** It went on working after its last message: that one isn't the final message. */
  unfinished = false;
  readonly #files = new Set<string>();

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
        if (event.item.type === 'command_execution') this.unfinished = true;
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

  #count(item: CodexItem): void {
    switch (item.type) {
      case 'agent_message':
        this.unfinished = false;
        break;
      case 'command_execution':
        if (item.status !== 'declined') this.commands++;
        break;
      case 'file_change':
        this.unfinished = true;
        if (item.status !== 'failed') this.#changed(item.changes);
    }
  }

  #changed(changes: readonly { readonly path: string }[]): void {
    for (const { path } of changes) {
      if (this.#files.size < MOST_FILES) this.#files.add(path);
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
