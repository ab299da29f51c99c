import { arch, platform } from 'node:os';
import { delimiter, join } from 'node:path';
import { ConfigError } from '../../../errors.js';
import { readBounded } from '../../../files/bounded-file.js';
import { findProgram, pathName, programMistake } from '../../../processes/programs.js';
import { isSecret, isSecretName } from '../../../util/redact.js';
import type { Checked, StepEnvironment } from '../../contract.js';
import type { CodexConfig } from '../config.js';
import { profileFor } from '../permissions.js';
import type { ProgramSettings } from './arguments.js';
import {
  type Environment,
  environmentFor,
  secretsOfProxies,
  settingsForCommands,
  withKey,
} from './environment.js';
import { type HomeLock, homeFor, homeMistake, homeOf } from './home.js';
import { nativeBehind } from './native.js';
import { preflight } from './preflight.js';
import { providerIn } from './provider.js';

/** The codex that a step runs. */
export interface Program extends ProgramSettings {
  /** Absolute. */
  readonly file: string;
  /** All of its environment. */
  readonly env: Environment;
  readonly home: HomeLock;
  /** Values that must not be found in any file. */
  readonly secrets: readonly string[];
}

/** Finds codex, and checks that it can do the step's work. Throws a ConfigError where it can't. */
export async function programFor(
  config: Checked<CodexConfig>,
  workdir: string,
  setup: StepEnvironment,
): Promise<Program> {
  const found = await findCodex(config, workdir, setup);
  const places = { ...setup.env, ...(Array.isArray(config.env) ? {} : config.env) };
  const mistake = await homeMistake(places);
  if (mistake !== null) throw new ConfigError([{ where: setup.where, message: mistake }]);
  const home = homeOf(places);
  const provider = await providerIn(home, config.config);
  const { file, env } = await startable(found, {
    ...environmentFor(setup.env, config.env, provider),
    ...(places.CODEX_HOME && { CODEX_HOME: home }),
  });
  const wanted = { file, env, cwd: workdir, config, provider };
  const signedIn = await preflight(wanted, setup);
  return {
    file,
    env: signedIn || !provider.wantsLogin ? env : withKey(env, setup.env),
    home: homeFor(env, file),
    profile: await profileFor(wanted, setup),
    forCommands: settingsForCommands(env, config.env, provider),
    secrets: [...secretsIn({ ...setup.env, ...env }, provider.variables), ...(await secretsOfLogin(home))],
  };
}

async function findCodex(
  { bin }: Checked<CodexConfig>,
  workdir: string,
  { where, env }: StepEnvironment,
): Promise<string> {
  const name = bin ?? (env.CODEX_BIN || 'codex');
  const file = await findProgram(name, workdir, env);
  if (file) return file;
  const mistake = await programMistake(name, workdir, env);
  const source =
    bin === undefined ? (env.CODEX_BIN ? 'CODEX_BIN names' : 'needs the Codex CLI:') : '`bin` names';
  const message =
    mistake && !mistake.isMissing
      ? `${source} ${JSON.stringify(name)}, which can't be started: ${mistake.why}; ${mistake.remedy}`
      : `${source} ${JSON.stringify(name)}, and there is no such program; install it (npm install -g @openai/codex), ` +
        'name it with `bin` or CODEX_BIN, or rehearse with --simulate';
  throw new ConfigError([{ where: bin === undefined ? where : `${where}.bin`, message }]);
}

/** The native program behind the found one, if any, with the variables that its launcher would add. */
async function startable(found: string, env: Environment): Promise<{ file: string; env: Environment }> {
  const native = await nativeBehind(found, { platform: platform(), arch: arch() });
  if (native === null) return { file: found, env };
  const { file, path, root } = native;
  const managed = { CODEX_MANAGED_BY_NPM: '1', CODEX_MANAGED_PACKAGE_ROOT: root };
  const name = pathName(env);
  const programs = path === null ? {} : { [name]: [path, env[name] ?? ''].join(delimiter) };
  return { file, env: { ...env, ...managed, ...programs } };
}

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
