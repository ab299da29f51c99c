import { ConfigError, StepFailure } from '../../errors.js';
import { isFolder } from '../../processes/programs.js';
import { strictIssue } from '../../util/strict-schema.js';
import { parse } from '../../util/template.js';
import { pathInSchema, sentSchema } from '../answer-schema.js';
import type { Checked, StepEnvironment } from '../contract.js';
import type { CodexConfig } from './config.js';
import { homeOf } from './program/home.js';
import { providerIn } from './program/provider.js';

/** The longest stdin that codex takes. */
const LONGEST_PROMPT = 2 ** 20;

/** Sees that codex has a folder to work in. */
export async function checkFolder(
  { workdir }: Checked<CodexConfig>,
  setup: StepEnvironment,
): Promise<string> {
  const folder = workdir ?? setup.workdir;
  if (await isFolder(folder)) return folder;
  const where = workdir === undefined ? setup.where : `${setup.where}.workdir`;
  const way =
    workdir === undefined ? 'name one with --workdir' : 'relative paths are resolved against the config';
  throw new ConfigError([{ where, message: `the folder ${folder} doesn't exist; ${way}` }]);
}

/** Codex asks OpenAI for strict structured output whatever the schema; other providers have rules of their own. */
export async function checkSchema(
  { schema, env, config }: Checked<CodexConfig>,
  setup: StepEnvironment,
): Promise<void> {
  const issue = schema && strictIssue(sentSchema(schema));
  if (!issue) return;
  const places = { ...setup.env, ...(Array.isArray(env) ? {} : env) };
  const { asksOpenAI } = await providerIn(homeOf(places), config);
  if (!asksOpenAI) return;
  const path = pathInSchema(issue.path, schema);
  const where = [`${setup.where}.schema`, ...(path ? [path] : [])].join('.');
  const message = `OpenAI would refuse the schema, which codex sends with \`strict: true\`: ${issue.message}`;
  throw new ConfigError([{ where, message }]);
}

/** A template too long without its placeholders is too long with them. */
export function checkTemplate({ prompt = '' }: Checked<CodexConfig>, { where }: StepEnvironment): void {
  const words = parse(prompt).parts.filter((part) => typeof part === 'string');
  const message = lengthMistake(words.join(''));
  if (message !== null) throw new ConfigError([{ where: `${where}.prompt`, message }]);
}

/**
 * Codex waits, or ends with a bare exit code 1, where its prompt is empty or too long.
 *
 * @param path how the contents in it are named by their paths instead; empty where there are none
 */
export function checkPrompt(prompt: string, path: string): string {
  if (prompt.trim() === '') throw new StepFailure('input', 'the prompt is empty; codex needs one');
  const message = lengthMistake(prompt);
  if (message === null) return prompt;
  throw new StepFailure('input', message, {
    hint: path === '' ? 'Put in less.' : `Name large files by ${path}; codex can read them.`,
  });
}

function lengthMistake(prompt: string): string | null {
  if (prompt.length <= LONGEST_PROMPT || [...prompt].length <= LONGEST_PROMPT) return null;
  return `the prompt has ${prompt.length} characters; codex takes at most ${LONGEST_PROMPT}`;
}
