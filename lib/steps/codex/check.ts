import { ConfigError, StepFailure } from '../../errors.js';
import { isFolder } from '../../programs.js';
import { parse } from '../../template.js';
import type { Checked, Setup } from '../contract.js';
import type { CodexConfig } from './config.js';

/** What codex takes on its stdin. */
const LONGEST_PROMPT = 2 ** 20;

/** Sees that codex has a folder to work in. */
export async function checkFolder({ workdir }: Checked<CodexConfig>, setup: Setup): Promise<string> {
  const folder = workdir ?? setup.workdir;
  if (await isFolder(folder)) return folder;
  const where = workdir === undefined ? setup.where : `${setup.where}.workdir`;
  const way =
    workdir === undefined ? 'name one with --workdir' : 'relative paths are resolved against the config';
  throw new ConfigError([{ where, message: `the folder ${folder} doesn't exist; ${way}` }]);
}

/** What is longer without the contents of its placeholders is too long with them. */
export function checkTemplate({ prompt = '' }: Checked<CodexConfig>, { where }: Setup): void {
  const words = parse(prompt).parts.filter((part) => typeof part === 'string');
  const message = lengthMistake(words.join(''));
  if (message !== null) throw new ConfigError([{ where: `${where}.prompt`, message }]);
}

/** Codex waits, or ends with a bare exit code 1, where its prompt is empty or too long. */
export function checkPrompt(prompt: string): string {
  if (prompt.trim() === '') throw new StepFailure('input', 'the prompt is empty; codex needs one');
  const message = lengthMistake(prompt);
  if (message === null) return prompt;
  throw new StepFailure('input', message, {
    hint: 'Name large files by {{{name.path}}}; codex can read them.',
  });
}

function lengthMistake(prompt: string): string | null {
  if (prompt.length <= LONGEST_PROMPT || [...prompt].length <= LONGEST_PROMPT) return null;
  return `the prompt has ${prompt.length} characters; codex takes at most ${LONGEST_PROMPT}`;
}
