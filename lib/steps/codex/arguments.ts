import type { Checked } from '../contract.js';
import type { CodexConfig, Settings } from './config.js';
import type { Files } from './files.js';

/** The arguments of `codex`; the prompt comes on stdin. */
export function argumentsOf(config: Checked<CodexConfig>, workdir: string, files: Files): string[] {
  const { model, schema, sandbox = 'read-only', ephemeral = false } = config;
  return [
    ...['exec', '--json', '--color', 'never', '--skip-git-repo-check'],
    ...['--sandbox', sandbox, '--cd', workdir, '--output-last-message', files.partial],
    ...(model === undefined ? [] : ['--model', model]),
    ...(schema === undefined ? [] : ['--output-schema', files.schema]),
    ...(ephemeral ? ['--ephemeral'] : []),
    // Of two settings of one name codex takes the last.
    ...settingArguments(settingsFor(sandbox)),
    ...settingArguments(config.config),
    '-',
  ];
}

/** Settings as codex takes them on its command line. */
export function settingArguments(settings: Settings = {}): string[] {
  const words = Array.isArray(settings)
    ? settings
    : Object.entries(settings).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return words.flatMap((word) => ['-c', word]);
}

function settingsFor(sandbox: string): Record<string, boolean> {
  return {
    // Else the model's commands see every key in the environment.
    'shell_environment_policy.ignore_default_excludes': false,
    // Else a refused connection is tried for ever.
    'features.unbounded_connection_retries': false,
    ...(sandbox === 'workspace-write' && {
      'sandbox_workspace_write.exclude_slash_tmp': true,
      'sandbox_workspace_write.exclude_tmpdir_env_var': true,
    }),
  };
}
