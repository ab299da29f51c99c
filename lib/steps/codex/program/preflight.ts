import { platform } from 'node:os';
import { assertNone } from '../../../errors.js';
import type { StepEnvironment } from '../../contract.js';
import { lastPart } from '../../text.js';
import { settingArguments } from './arguments.js';
import { isKeyed } from './environment.js';
import { type Answer, type Ask, asking, type Wanted } from './probes.js';
import { wordsOf } from './settings.js';

/** The oldest version that is tested. */
const FLOOR = [0, 104, 0];
const UPDATE = 'update it with `npm install -g @openai/codex@latest`';
/** Older versions' names of the systems whose sandbox is tested. */
const SYSTEMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'macos' };

/**
 * Asks codex if it can do the step's work, before anything is spent: at once, and every question once a run. Throws a
 * ConfigError where it can't; otherwise returns whether codex has a login of its own.
 */
export async function preflight(wanted: Wanted, setup: StepEnvironment): Promise<boolean> {
  const ask = asking(wanted, setup);
  const settings = settingArguments(wordsOf(wanted.config.config));
  const [version, help, login, sandbox] = await Promise.all([
    ask('--version'),
    ask('exec', '--help'),
    ask(...settings, 'login', 'status'),
    askSandbox(wanted, (...args) => ask(...settings, ...args)),
  ]);
  refuse(setup, [versionProblem(wanted, version) ?? settingsProblem(login)]);
  const signedIn = login.exitCode === 0;
  refuse(setup, [
    flagsProblem(wanted, help),
    signedIn ? null : keyProblem(wanted, setup, login),
    sandboxProblem(wanted, setup, sandbox),
  ]);
  return signedIn;
}

function refuse({ where }: StepEnvironment, problems: readonly (string | null)[]): void {
  const issues = problems.flatMap((message) => (message === null ? [] : [{ where, message }]));
  assertNone(issues);
}

function versionProblem({ file }: Wanted, { said }: Answer): string | null {
  const found = said.match(/(\d+)\.(\d+)\.(\d+)/);
  if (!found) return `${file} --version printed no version${excerpt(said)}; is it the Codex CLI?`;
  const [version, ...parts] = found;
  if (!isBelow(parts.map(Number), FLOOR)) return null;
  return `${file} is codex ${version}, and ${FLOOR.join('.')} is the oldest that will do; ${UPDATE}`;
}

/** Part by part: the first that differs decides. */
function isBelow(version: readonly number[], floor: readonly number[]): boolean {
  const differs = floor.findIndex((part, index) => part !== version[index]);
  return differs >= 0 && (version[differs] ?? 0) < (floor[differs] ?? 0);
}

/** Codex loads them whatever it is asked. */
function settingsProblem({ said }: Answer): string | null {
  return /^Error loading config/m.test(said) ? `codex refuses its settings${excerpt(said)}` : null;
}

function flagsProblem({ file, config }: Wanted, { said }: Answer): string | null {
  const flags = ['--json', '--sandbox', '--cd', '--skip-git-repo-check', '--output-last-message'];
  if (config.schema !== undefined) flags.push('--output-schema');
  if (config.ephemeral) flags.push('--ephemeral');
  const missing = flags.filter((flag) => !said.includes(flag));
  if (missing.length === 0) return null;
  return `${file} has no ${missing.join(', ')} (see \`codex exec --help\`); ${UPDATE}`;
}

function keyProblem({ provider, env }: Wanted, setup: StepEnvironment, { said }: Answer): string | null {
  const { name, key, wantsLogin } = provider;
  if (key !== undefined && !env[key])
    return `the provider "${name}" of codex takes its key from ${key}, which isn't set`;
  if (!wantsLogin || isKeyed(env) || setup.env.OPENAI_API_KEY) return null;
  return (
    `codex isn't signed in${excerpt(said)}; sign in with \`codex login\`, set CODEX_API_KEY or OPENAI_API_KEY, or ` +
    'rehearse with --simulate'
  );
}

/** Null where none is needed. */
async function askSandbox({ config: { sandbox } }: Wanted, ask: Ask): Promise<Answer | null> {
  const system = SYSTEMS[platform()];
  if (sandbox === 'danger-full-access' || system === undefined) return null;
  const answer = await ask('sandbox', '--', 'true');
  return answer.exitCode === 2 ? ask('sandbox', system, '--', 'true') : answer;
}

/**
 * Where there is no sandbox every command fails, though codex ends with success. A step that is to change files can't do
 * its work then; one that reads may still answer from its prompt.
 */
function sandboxProblem(
  { config: { sandbox } }: Wanted,
  setup: StepEnvironment,
  answer: Answer | null,
): string | null {
  if (answer === null || answer.exitCode === 0) return null;
  const problem =
    `the sandbox of codex doesn't work here, so that the model can run no command${excerpt(answer.said)}; allow user ` +
    'namespaces, or use `sandbox: danger-full-access` where the whole is in a container of its own';
  if (sandbox === 'workspace-write') return problem;
  setup.notice(`warning: ${setup.where}: ${problem}`);
  return null;
}

/** The end of codex's output, without its remarks. */
function excerpt(said: string): string {
  const lines = said.split('\n').filter((line) => !line.startsWith('WARNING:'));
  const end = lastPart(lines.join('\n'));
  return end && ` (${end})`;
}
