import { Option } from 'clipanion';
import { BaseCommand } from './base-command.js';
import { PRINTS } from './printed.js';
import type { RunRequest, RunSettings } from './request.js';
import { OptionCheck } from './run-options.js';

const PROGRESS = ['auto', 'live', 'lines', 'none'] as const;
const ONLY = ['all', 'new'] as const;

/** What is run: a config, an earlier run, or both. */
export interface Meant {
  readonly config?: string | undefined;
  /** The run to go on with: its id, or `last`. */
  readonly resume?: string | undefined;
}

/** The options of a run; all the rest is left to run-session.ts, loaded when it is needed. */
export abstract class RunOptionsCommand extends BaseCommand {
  parallel = Option.String('-p,--parallel', {
    description: 'At most N flows in flight (default 4); the others wait.',
  });

  keys = Option.Array('-k,--key', {
    description:
      'name:list. The list is a text file of file paths, one a line; the content of each replaces {{{name}}}. ' +
      'Several keys multiply. A list of - is read from stdin.',
  });

  workdir = Option.String('--workdir', { description: 'Where codex and cmd steps run (default .).' });

  timeout = Option.String('--timeout', {
    description: 'Seconds one attempt of a step may take, unless the step says otherwise (default none).',
  });

  appendFilepath = Option.Boolean('--append-filepath', {
    description: 'Follow each interpolated content by a newline and its path.',
  });

  print = Option.String('--print', 'ndjson', {
    description: 'What goes to stdout for a finished flow: ndjson (default), output or path.',
  });

  ordered = Option.Boolean('--ordered', false, { description: 'Records leave in flow order.' });

  progress = Option.String('--progress', 'auto', {
    description: 'The live line: live, lines (one a change), none, or auto (default: live on a terminal).',
  });

  generated = Option.String('--generated', 'generated', {
    description: 'Where artefacts go (default generated).',
  });

  verbose = Option.Boolean('-v,--verbose', false, {
    description: 'Show what codex does meanwhile: its commands, file changes and messages.',
  });

  allowDirty = Option.Boolean('--allow-dirty', {
    description: 'Let codex work in a worktree although inputs differ from its commit.',
  });

  allowSharedWorkdir = Option.Boolean('--allow-shared-workdir', {
    description: 'Let several codex steps write in one folder at the same time.',
  });

  allowDanger = Option.Boolean('--allow-danger', {
    description: 'Let steps that ask for `danger-full-access` have it.',
  });

  only = Option.String('--only', 'all', {
    description:
      'Which records go to stdout: all (default), or those of flows in which something new was done.',
  });

  share = Option.Boolean('--share', {
    description: 'Make calls that several flows would make alike only once.',
  });

  maxFailures = Option.String('--max-failures', {
    description: 'Admit no more flows after N, or N%, of them have failed (default none).',
  });

  journal = Option.Boolean('--journal', true, {
    description: 'Keep results, so that the run can be resumed (default; --no-journal for a throw-away run).',
  });

  simulate = Option.String('--simulate', {
    tolerateBoolean: true,
    description:
      'Answer by an embedded stand-in for the model: no key, no network, no bill. Settings: ' +
      '--simulate=latency=200,fail=0.05 (milliseconds, share of requests that fail).',
  });

  explain = Option.Boolean('--explain', false, {
    description: 'Start nothing: say what a resume would replay, what it would run, and why.',
  });

  /** Runs what is meant, or explains what that would do. */
  protected async carryOut(meant: Meant): Promise<number> {
    const request = await this.#request(meant);
    if (this.explain) {
      const { explainSession } = await import('./explain-session.js');
      return explainSession(request, this.context);
    }
    const { runSession } = await import('./run-session.js');
    return runSession(request, this.context);
  }

  async #request({ config, resume }: Meant): Promise<RunRequest> {
    const check = new OptionCheck();
    const settings = await this.#settings(check);
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
      journal: this.journal,
      issues: check.issues,
    };
  }

  /** Those that were given: a resume takes the others from its run. */
  async #settings(check: OptionCheck): Promise<Partial<RunSettings>> {
    const { parallel, keys, workdir, timeout, appendFilepath, share, maxFailures } = this;
    const { allowDirty, allowSharedWorkdir, allowDanger } = this;
    return given({
      parallel: parallel === undefined ? undefined : check.count('--parallel', parallel),
      keys: keys === undefined ? undefined : check.keys(keys),
      workdir,
      timeout: check.seconds('--timeout', timeout),
      appendFilepath,
      share,
      maxFailures: check.failures('--max-failures', maxFailures),
      allowDirty,
      allowSharedWorkdir,
      allowDanger,
      simulate: await this.#simulation(check),
    });
  }

  async #simulation(check: OptionCheck): Promise<RunSettings['simulate'] | undefined> {
    const { simulate } = this;
    if (typeof simulate !== 'string') return simulate;
    const { parseSimulateOptions } = await import('../simulate/options.js');
    return check.attempt(() => parseSimulateOptions(simulate), true);
  }
}

type Known<T> = { [F in keyof T]?: Exclude<T[F], undefined> };

/** Without the fields that nothing is known of. */
function given<T extends object>(fields: T): Known<T> {
  const known: Known<T> = { ...fields };
  for (const field in known) if (known[field] === undefined) delete known[field];
  return known;
}
