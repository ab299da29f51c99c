import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { CodexConfig } from './config.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment of codex. Its own login comes first: only without one is OPENAI_API_KEY passed on, and offered as
 * CODEX_API_KEY, which codex reads. (Both at once would bill the key and not the login.)
 */
export async function environmentFor(
  env: Environment,
  wanted: CodexConfig['env'] = {},
): Promise<Environment> {
  const set = Array.isArray(wanted) ? pick(env, wanted) : wanted;
  const { OPENAI_API_KEY, OPENAI_ADMIN_KEY: _, ...others } = env;
  const plain = { ...others, ...set };
  if (OPENAI_API_KEY === undefined || (await hasLogin(plain))) return plain;
  return { CODEX_API_KEY: OPENAI_API_KEY, OPENAI_API_KEY, ...plain };
}

function pick(env: Environment, names: readonly string[]): Environment {
  return Object.fromEntries(names.map((name) => [name, env[name]]));
}

async function hasLogin(env: Environment): Promise<boolean> {
  const home = env.CODEX_HOME || join(env.HOME || homedir(), '.codex');
  return access(join(home, 'auth.json')).then(
    () => true,
    () => false,
  );
}
