import { ConfigError, messageOf, StepFailure } from '../../errors.js';
import { findProgram, isFolder } from '../../programs.js';
import { compileSchema, type Misfit } from '../../schema.js';
import type { Checked, Setup } from '../contract.js';
import type { CodexConfig } from './config.js';

/** What codex takes on its stdin. */
const LONGEST_PROMPT = 2 ** 20;

/** The codex program. */
export async function findCodex(
  { bin }: Checked<CodexConfig>,
  workdir: string,
  { where, env }: Setup,
): Promise<string> {
  const name = bin ?? (env.CODEX_BIN || 'codex');
  const file = await findProgram(name, workdir, env);
  if (file) return file;
  const source =
    bin === undefined ? (env.CODEX_BIN ? 'CODEX_BIN names' : 'needs the Codex CLI:') : '`bin` names';
  const message =
    `${source} ${JSON.stringify(name)}, and there is no such program; install it (npm install -g @openai/codex), ` +
    'name it with `bin` or CODEX_BIN, or rehearse with --simulate';
  throw new ConfigError([{ where: bin === undefined ? where : `${where}.bin`, message }]);
}

/** Sees that codex has a folder to work in. */
export async function checkFolder({ workdir }: Checked<CodexConfig>, setup: Setup): Promise<string> {
  const folder = workdir ?? setup.workdir;
  if (await isFolder(folder)) return folder;
  const where = workdir === undefined ? setup.where : `${setup.where}.workdir`;
  const way =
    workdir === undefined ? 'name one with --workdir' : 'relative paths are resolved against the config';
  throw new ConfigError([{ where, message: `the folder ${folder} doesn't exist; ${way}` }]);
}

/** The check of final messages against the step's schema, where it has one. */
export async function misfitOf({ schema }: Checked<CodexConfig>, { where }: Setup): Promise<Misfit | null> {
  try {
    return schema ? await compileSchema(schema) : null;
  } catch (error) {
    throw new ConfigError([{ where: `${where}.schema`, message: `no JSON Schema: ${messageOf(error)}` }]);
  }
}

/** Codex waits, or ends with a bare exit code 1, where its prompt is empty or too long. */
export function checkPrompt(prompt: string): string {
  if (prompt.trim() === '') throw new StepFailure('input', 'the prompt is empty; codex needs one');
  if (prompt.length <= LONGEST_PROMPT || [...prompt].length <= LONGEST_PROMPT) return prompt;
  const message = `the prompt has ${prompt.length} characters; codex takes at most ${LONGEST_PROMPT}`;
  throw new StepFailure('input', message, {
    hint: 'Name large files by {{{name.path}}}; codex can read them.',
  });
}

/** A final message has to fit the schema. */
export function checkMessage(message: string, misfit: Misfit | null): void {
  const found = misfit?.(parsed(message)) ?? null;
  if (found === null) return;
  throw new StepFailure('bad_output', `the final message doesn't fit the schema: ${found}`, {
    retryable: true,
  });
}

function parsed(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    throw new StepFailure('bad_output', 'the final message is no JSON', { retryable: true });
  }
}
