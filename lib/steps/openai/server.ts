import { ConfigError } from '../../errors.js';
import { isSecret, isSecretName, secretIn, textRedactor } from '../../util/redact.js';
import type { Checked, StepEnvironment } from '../contract.js';
import { addressMistake, type OpenAIConfig } from './config.js';

/** The server of a call, and the secrets that it may know. */
export interface Server {
  readonly baseUrl: string;
  /** For messages. */
  readonly host: string;
  /** Null where the server gets none. */
  readonly key: string | null;
  /** The variable that the key was, or would be, read from. */
  readonly keyName: string;
  /** The config's choice, not the environment's: it gets nothing that the environment holds for its own server. */
  readonly fromConfig: boolean;
  /** Values that must not be stored or shown, even when the server repeats them. */
  readonly secrets: readonly string[];
  /** A text without them. */
  readonly clean: (text: string) => string;
  readonly organization: string | null;
  readonly project: string | null;
}

type Config = Pick<Checked<OpenAIConfig>, 'baseUrl' | 'apiKeyEnv' | 'request'>;
type World = Pick<StepEnvironment, 'where' | 'env' | 'simulation'>;

const DEFAULT_URL = 'https://api.openai.com/v1';
const DEFAULT_KEY = 'OPENAI_API_KEY';

/** Throws a ConfigError where the key is missing that the server is known to need. */
export function serverOf(config: Config, world: World): Server {
  const { env, simulation } = world;
  const { request = {} } = config;
  if (simulation) return server(simulation.baseUrl, true, null, DEFAULT_KEY, request, {});
  const baseUrl = config.baseUrl ?? environmentUrl(world) ?? DEFAULT_URL;
  const fromConfig = config.baseUrl !== undefined;
  const key = keyFor(baseUrl, config, world);
  return server(baseUrl, fromConfig, key, config.apiKeyEnv ?? DEFAULT_KEY, request, env);
}

function server(
  baseUrl: string,
  fromConfig: boolean,
  key: string | null,
  keyName: string,
  request: object,
  env: StepEnvironment['env'],
): Server {
  const own = (name: string) => (fromConfig ? null : filled(env[name]));
  const { host } = new URL(baseUrl);
  const secrets = [
    ...(key === null ? [] : [key]),
    ...secretsAmong(request),
    ...(fromConfig ? [] : secretsAmong(headersIn(env.OPENAI_CUSTOM_HEADERS))),
  ].filter(isSecret);
  return {
    baseUrl,
    host,
    key,
    keyName,
    fromConfig,
    secrets,
    clean: textRedactor(secrets),
    organization: own('OPENAI_ORG_ID'),
    project: own('OPENAI_PROJECT_ID'),
  };
}

/** Values under a secret's name, at any depth. */
function secretsAmong(fields: object): string[] {
  return Object.entries(fields).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === 'object' && value !== null) return secretsAmong(value);
    return typeof value === 'string' && isSecretName(name) ? [secretIn(value)] : [];
  });
}

/** The client adds them by itself: a line each, `name: value`. */
function headersIn(lines = ''): Record<string, string> {
  const headers = lines.split('\n').map((line) => /^([^:]+):(.*)$/.exec(line.trim()));
  return Object.fromEntries(headers.flatMap((found) => (found ? [[found[1], (found[2] ?? '').trim()]] : [])));
}

function environmentUrl({ env, where }: World): string | null {
  const url = filled(env.OPENAI_BASE_URL);
  const mistake = url === null ? null : addressMistake(url);
  if (mistake === null) return url;
  throw wrong(where, `OPENAI_BASE_URL: ${mistake}`);
}

function keyFor(baseUrl: string, config: Config, world: World): string | null {
  const { hostname } = new URL(baseUrl);
  if (config.apiKeyEnv !== undefined)
    return keyIn(config.apiKeyEnv, world) ?? missing(config.apiKeyEnv, world);
  const own = config.baseUrl === undefined || isLoopback(hostname);
  const key = own ? keyIn(DEFAULT_KEY, world) : null;
  if (key !== null || hostname !== new URL(DEFAULT_URL).hostname) return key;
  if (own) return missing(DEFAULT_KEY, world);
  throw wrong(
    world.where,
    `a \`baseUrl\` in a config gets a key only by \`apiKeyEnv\`: add \`apiKeyEnv: ${DEFAULT_KEY}\``,
  );
}

function keyIn(name: string, { env, where }: World): string | null {
  const key = filled(env[name]);
  if (key === null || /^[\x21-\x7e]+$/.test(key)) return key;
  throw wrong(where, `the key in ${name} holds a space, a line break or a letter that no key can hold`);
}

function missing(name: string, { where }: World): never {
  throw wrong(
    where,
    `no API key: set the environment variable ${name}, or rehearse with --simulate, which needs none`,
  );
}

/** Set, and not empty. */
function filled(value: string | undefined): string | null {
  return value?.trim() || null;
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function wrong(where: string, message: string): ConfigError {
  return new ConfigError([{ where, message }]);
}
