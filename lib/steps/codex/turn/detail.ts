import { isAbsolute, relative } from 'node:path';
import { oneLine } from '../../../util/text.js';
import type { CodexEvent, CodexItem } from './event.js';

const LONGEST = 120;
const MOST_FILES = 3;

/**
 * An event of codex in one line for a person; null where it isn't worth one.
 *
 * @param folder where codex works: files in it are named from there
 */
export function detailOf(event: CodexEvent, folder: string): string | null {
  switch (event.type) {
    case 'item.started':
      return event.item.type === 'command_execution' ? short(`$ ${typed(event.item.command)}`) : null;
    case 'item.completed':
      return resultOf(event.item, folder);
    case 'error':
      return short(event.message);
    default:
      return null;
  }
}

function resultOf(item: CodexItem, folder: string): string | null {
  switch (item.type) {
    case 'command_execution':
      return item.exit_code ? short(`exit code ${item.exit_code}: ${typed(item.command)}`) : null;
    case 'file_change':
      return short(
        `${item.status === 'failed' ? 'could not change' : 'changed'} ${names(item.changes, folder)}`,
      );
    case 'agent_message':
      return short(item.text.trim().split('\n', 1)[0] ?? '');
    case 'error':
      return short(`warning: ${item.message}`);
  }
}

/** A command line as a person reads it: one line, not too long, without the shell that codex puts around it. */
export function commandLine(command: string): string {
  return short(typed(command)) ?? '';
}

/** Without the shell that codex puts around it. */
function typed(command: string): string {
  return command.replace(/^\S*sh -l?c (?:'([^']*)'$)?/, '$1');
}

function names(changes: readonly { readonly path: string; readonly kind: string }[], folder: string): string {
  const first = changes.slice(0, MOST_FILES).map(({ path, kind }) => `${nameIn(folder, path)} (${kind})`);
  const more = changes.length - first.length;
  return `${first.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function nameIn(folder: string, path: string): string {
  const name = relative(folder, path);
  return name.startsWith('..') || isAbsolute(name) ? path : name;
}

function short(text: string): string | null {
  const line = oneLine(text);
  if (line.length <= LONGEST) return line || null;
  return `${line.slice(0, LONGEST - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
