import { secretsInAddress, withoutPassword } from '../../../util/redact.js';
import type { CodexConfig } from '../config.js';
import type { Provider } from './provider.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Variables that programs need to run at all, to find their own files, and to reach a server. In capitals; some aren't.
 */
const ALLOWED = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'TEMP', 'TMP', 'LANG', 'LANGUAGE', 'TZ', 'TERM'],
  ...[
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'ALL_PROXY',
    'NO_PROXY',
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
    'NODE_EXTRA_CA_CERTS',
  ],
  ...['DBUS_SESSION_BUS_ADDRESS', 'RUST_LOG', 'RUST_BACKTRACE'],
  // Windows
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA'],
  ...['PROGRAMFILES', 'PROGRAMFILES(X86)', 'USERPROFILE', 'HOMEDRIVE', 'HOMEPATH', 'USERNAME', 'OS'],
  ...['NUMBER_OF_PROCESSORS', 'PROCESSOR_ARCHITECTURE', 'PSMODULEPATH'],
]);
const PROXY = /^(HTTPS?|ALL)_PROXY$/i;
/** Codex keeps them from commands of the model itself (`ignore_default_excludes`; the same in 0.104 and 0.169). */
const KEPT_BY_CODEX = /KEY|SECRET|TOKEN/i;
const ALLOWED_PREFIXES = /^(LC|XDG|CODEX)_/;

/**
 * The environment of codex: variables for programs, for its provider, and those that the step names. Nothing else:
 * models run commands.
 */
export function environmentFor(
  env: Environment,
  wanted: CodexConfig['env'] = {},
  provider: Provider,
): Environment {
  const set = Array.isArray(wanted) ? pick(env, wanted) : wanted;
  return { ...pick(env, Object.keys(env).filter(isAllowed)), ...pick(env, provider.variables), ...set };
}

/**
 * Settings of codex by which commands of the model see less than codex itself: proxies without their password, and none
 * of its provider's variables. Variables that the step names are for them, too.
 */
export function settingsForCommands(
  env: Environment,
  wanted: CodexConfig['env'] = {},
  provider: Provider,
): string[] {
  const named = Array.isArray(wanted) ? wanted : Object.keys(wanted);
  const seen = Object.entries(env).filter(([name]) => !named.includes(name) && !KEPT_BY_CODEX.test(name));
  return seen.flatMap(([name, value = '']) => {
    const told = toldOf(name, value, provider);
    return told === value ? [] : [`shell_environment_policy.set.${name}=${JSON.stringify(told)}`];
  });
}

function toldOf(name: string, value: string, { variables }: Provider): string {
  if (variables.includes(name)) return '';
  return PROXY.test(name) ? withoutPassword(value) : value;
}

/** The secrets of the proxies that the environment names. */
export function secretsOfProxies(env: Environment): string[] {
  return Object.entries(env).flatMap(([name, value = '']) =>
    PROXY.test(name) ? secretsInAddress(value) : [],
  );
}

/**
 * The same where codex has no login: OPENAI_API_KEY is offered as CODEX_API_KEY, which codex reads. (Beside a login it
 * would go first, and the wrong account would be billed.)
 */
export function withKey(env: Environment, { OPENAI_API_KEY }: Environment): Environment {
  return isKeyed(env) || !OPENAI_API_KEY ? env : { ...env, CODEX_API_KEY: OPENAI_API_KEY };
}

/** True if it has a key that codex takes in place of a login. */
export function isKeyed({ CODEX_API_KEY, CODEX_ACCESS_TOKEN }: Environment): boolean {
  return Boolean(CODEX_API_KEY || CODEX_ACCESS_TOKEN);
}

function isAllowed(name: string): boolean {
  const upper = name.toUpperCase();
  return ALLOWED.has(upper) || ALLOWED_PREFIXES.test(upper);
}

function pick(env: Environment, names: readonly string[]): Environment {
  return Object.fromEntries(names.map((name) => [name, env[name]]));
}
