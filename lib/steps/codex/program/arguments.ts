import type { Checked } from '../../contract.js';
import type { CodexConfig } from '../config.js';
import type { Files } from '../files.js';
import { wordsOf } from './settings.js';

/** Settings that a permission profile takes the place of. */
const REPLACED = /^(sandbox_mode|sandbox_workspace_write|default_permissions|permissions)[.=]/;

/** The settings that codex is always given, whatever the flow. */
export interface ProgramSettings {
  /** The settings of the permission profile that takes the place of the sandbox's mode; null where none does. */
  readonly profile: readonly string[] | null;
  /** The settings by which commands of the model see less of the environment. */
  readonly forCommands: readonly string[];
}

/**
 * The arguments of `codex`; the prompt comes on stdin. A permission profile takes the place of the sandbox's mode: codex
 * ignores it beside `--sandbox`.
 */
export function argumentsOf(
  config: Checked<CodexConfig>,
  workdir: string,
  files: Files,
  { profile, forCommands }: ProgramSettings,
): string[] {
  const { model, schema, sandbox = 'read-only', ephemeral = false } = config;
  return [
    ...['exec', '--json', '--color', 'never', '--skip-git-repo-check'],
    ...(profile ? [] : ['--sandbox', sandbox]),
    ...['--cd', workdir, '--output-last-message', files.partial],
    ...(model === undefined ? [] : ['--model', model]),
    ...(schema === undefined ? [] : ['--output-schema', files.schema]),
    ...(ephemeral ? ['--ephemeral'] : []),
    // Of two settings of one name codex takes the last.
    ...settingArguments(ALWAYS),
    ...(profile
      ? profileArguments(config, profile)
      : [...settingArguments(settingsFor(sandbox)), ...settingArguments(wordsOf(config.config))]),
    ...settingArguments(forCommands),
    '-',
  ];
}

/** Settings as codex takes them on its command line. */
export function settingArguments(words: readonly string[]): string[] {
  return words.flatMap((word) => ['-c', word]);
}

/** The step's own settings with a profile that goes before them. */
export function profileArguments({ config }: Checked<CodexConfig>, profile: readonly string[]): string[] {
  const others = wordsOf(config).filter((word) => !REPLACED.test(word));
  return settingArguments([...others, ...profile]);
}

const ALWAYS = [
  // Else the model's commands see every key in the environment.
  'shell_environment_policy.ignore_default_excludes=false',
  // Else a refused connection is tried for ever.
  'features.unbounded_connection_retries=false',
];

function settingsFor(sandbox: string): readonly string[] {
  if (sandbox !== 'workspace-write') return [];
  return [
    'sandbox_workspace_write.exclude_slash_tmp=true',
    'sandbox_workspace_write.exclude_tmpdir_env_var=true',
  ];
}
