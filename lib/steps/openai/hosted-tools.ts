import * as z from 'zod';
import type { ToolCalls } from '../../flow/flow.js';
import { isObject } from '../../util/values.js';
import { tokenCount } from '../token-count.js';

// Tools that the provider runs during a call, which it bills by the call beside the tokens (OpenAI's pricing, 2026-11).

/** Without a fee: those that the caller runs, and those that cost their tokens only. */
const FREE = new Set([
  ...['function', 'custom', 'custom_tool', 'namespace', 'tool_search', 'mcp'],
  ...['computer', 'computer_use', 'computer_use_preview', 'local_shell', 'apply_patch'],
]);

/** How Chat Completions searches the web; each call is one search. */
const CHAT_SEARCH = 'web_search_options';

type Request = Readonly<Record<string, unknown>>;

/** Names of the tools with fees that a call may use. */
export function hostedTools(model: string, request: Request): string[] {
  const tools = toolsIn(request)
    .map(nameOf)
    .filter((name) => name !== null);
  return [...new Set([...tools, ...(searchesInChat(model, request) ? [CHAT_SEARCH] : [])])];
}

function toolsIn({ tools }: Request): Request[] {
  return Array.isArray(tools) ? tools.filter(isObject) : [];
}

/** Null where it is free. */
function nameOf({ type, environment }: Request): string | null {
  if (typeof type !== 'string' || FREE.has(type)) return null;
  if (type === 'shell' && isObject(environment) && environment.type === 'local') return null;
  // Versions of a tool have a date.
  return type.replace(/_\d{4}_\d\d_\d\d$/, '');
}

function searchesInChat(model: string, request: Request): boolean {
  return request.web_search_options !== undefined || /-search-(preview|api)/.test(model);
}

/** An item in the output of the Responses API, with the fields about a tool's call. */
export const toolItem = z.object({
  type: z.string(),
  action: z.object({ type: z.string().nullish() }).nullish().catch(null),
});

type ToolItem = z.infer<typeof toolItem>;

/** How many searches the answer itself says are billed. */
export const toolUsage = z
  .object({ web_search: z.object({ num_requests: tokenCount }).nullish() })
  .nullish()
  .catch(null);

/** How often an answer of the Responses API says that tools with fees were called; undefined where none was. */
export function toolCallsIn(
  output: readonly ToolItem[],
  usage: z.infer<typeof toolUsage>,
  request: Request,
): ToolCalls | undefined {
  const calls: Record<string, number> = {};
  for (const item of output) {
    const tool = calledTool(item, toolsIn(request));
    if (tool !== null) calls[tool] = (calls[tool] ?? 0) + 1;
  }
  if (usage?.web_search && calls.web_search) calls.web_search = usage.web_search.num_requests;
  return Object.keys(calls).length > 0 ? calls : undefined;
}

function calledTool({ type, action }: ToolItem, tools: readonly Request[]): string | null {
  if (!type.endsWith('_call')) return null;
  const name = type.slice(0, -'_call'.length);
  if (name !== 'web_search') return nameOf(tools.find((tool) => tool.type === name) ?? { type: name });
  // Opening a found page isn't a search. The preview has a price of its own, and the same calls.
  if ((action?.type ?? 'search') !== 'search') return null;
  return tools.map(nameOf).find((tool) => tool === 'web_search_preview') ?? name;
}

/** How often a call of Chat Completions has searched: it doesn't say so, but for the pages that it cites. */
export function chatSearches(model: string, request: Request, cites: boolean): ToolCalls | undefined {
  return cites || searchesInChat(model, request) ? { [CHAT_SEARCH]: 1 } : undefined;
}
