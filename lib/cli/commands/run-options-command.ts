import { Option } from 'clipanion';
import { DEFAULT_GENERATED } from '../../run-options.js';
import { PRINTS } from '../run/printed.js';
import { PROGRESS, type RunRequest } from '../run/request.js';
import { OptionCheck } from './option-check.js';
import { SettingsCommand } from './settings-command.js';

const ONLY = ['all', 'new'] as const;

/** The run to start or resume: a config, an earlier run, or both. */
export interface Meant {
  readonly config?: string | undefined;
  /** The run to go on with: its id, or `last`. */
  readonly resume?: string | undefined;
}

/** The options of a run; all the rest is left to run/conduct.ts, loaded when it is needed. */
export abstract class RunOptionsCommand extends SettingsCommand {
  print = Option.String('--print', 'ndjson', {
    description: 'What goes to stdout for a finished flow: ndjson (default), output or path.',
  });

  ordered = Option.Boolean('--ordered', false, { description: 'Records leave in flow order.' });

  progress = Option.String('--progress', 'auto', {
    description: 'The live line: live, lines (one a change), none, or auto (default: live on a terminal).',
  });

  generated = Option.String('--generated', DEFAULT_GENERATED, {
    description: 'Where artefacts go (default generated).',
  });

  verbose = Option.Boolean('-v,--verbose', false, {
    description: 'Show the work of codex: its commands, file changes and messages.',
  });

  only = Option.String('--only', 'all', {
    description:
      'Which records go to stdout: all (default), or those of flows in which something new was done.',
  });

  journal = Option.Boolean('--journal', true, {
    description: 'Keep results, so that the run can be resumed (default; --no-journal for a throw-away run).',
  });

  trustRun = Option.Boolean('--trust-run', false, {
    description:
      'Resume a run that you have not signed (of an older version, another user or machine): its config and modules are run.',
  });

  explain = Option.Boolean('--explain', false, {
    description: 'Start nothing: say what a resume would replay, what it would run, and why.',
  });

  /** Starts or resumes the run, or explains what that would do. */
  protected async carryOut(meant: Meant): Promise<number> {
    const request = this.#request(meant);
    if (this.explain) {
      const { explainSession } = await import('../explain/explain-session.js');
      return explainSession(request, this.context);
    }
    const { runSession } = await import('../run/conduct.js');
    return runSession(request, this.context);
  }

  #request({ config, resume }: Meant): RunRequest {
    const check = new OptionCheck();
    const settings = this.settings(check);
    if (this.trustRun && resume === undefined)
      check.issues.push({ where: '--trust-run', message: 'goes with --resume' });
    return {
      settings: config ? { ...settings, config } : settings,
      view: {
        print: check.oneOf('--print', this.print, PRINTS, 'ndjson'),
        only: check.oneOf('--only', this.only, ONLY, 'all'),
        ordered: this.ordered,
        progress: check.oneOf('--progress', this.progress, PROGRESS, 'auto'),
        verbose: this.verbose,
      },
      generated: this.generated,
      resume,
      trustRun: this.trustRun,
      journal: this.journal,
      issues: check.issues,
      brokenKeys: check.brokenKeys,
    };
  }
}
