import { join } from 'node:path';
import { readBounded } from '../../../files/bounded-file.js';
import { isSecret, isSecretName } from '../../../util/redact.js';
import { type Environment, secretsOfProxies } from './environment.js';

/** Of auth.json. */
const MOST_BYTES = 4 * 2 ** 20;

/** The values that must not be found in any file. `names`: variables that hold one, whatever they are called. */
export function secretsIn(env: Environment, names: readonly string[] = []): string[] {
  return [...secretsAmong(env), ...names.flatMap((name) => long(env[name])), ...secretsOfProxies(env)];
}

/** The keys and tokens of codex's login, where it keeps that in a file. */
export async function secretsOfLogin(home: string): Promise<string[]> {
  try {
    return secretsAmong(JSON.parse(String(await readBounded(join(home, 'auth.json'), MOST_BYTES))));
  } catch {
    return []; // no login, or in the system's keyring
  }
}

function secretsAmong(fields: object): string[] {
  return Object.entries(fields).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === 'object' && value !== null) return secretsAmong(value);
    return isSecretName(name) ? long(value) : [];
  });
}

function long(value: unknown): string[] {
  return typeof value === 'string' && isSecret(value) ? [value] : [];
}
