import { Command, Option } from 'clipanion';
import { parseLanes } from '../lanes/lane-option.js';
import { BaseCommand } from './base-command.js';
import type { RunRequest, RunSettings } from './request.js';
import { OptionCheck } from './run-options.js';

const PRINTS = ['ndjson', 'output', 'path'] as const;
const PROGRESS = ['auto', 'live', 'lines', 'none'] as const;
const ONLY = ['all', 'new'] as const;

/** `orchestrator run`: reads the command line, and leaves the rest to run-session.ts, loaded when it is needed. */
export class RunCommand extends BaseCommand {
  static override paths = [['run']];

  static override usage = Command.Usage({
    description: 'Run every combination of inputs through the steps of a config.',
    details: `
      Results leave as NDJSON on stdout, one line a finished flow. Progress, warnings and errors go to stderr.

      Exit codes: 0 every flow done, 1 some flow failed, 2 the command line or the config is wrong (nothing was
      started), 3 stopped by a limit, 130 interrupted, 141 stdout was closed by its reader, 70 an internal fault.
    `,
    examples: [
      ['Every file of a list, at most ten at once', '$0 run review.yaml --key doc:docs.txt --parallel 10'],
      ['Every file against every guideline', '$0 run review.yaml --key doc:docs.txt --key rule:rules.txt'],
      [
        'Go on with a run that was stopped, or try its failed flows again',
        '$0 run --resume last > out.ndjson',
      ],
      ['A rehearsal without a key, a network or a bill', '$0 run review.yaml --key doc:docs.txt --simulate'],
    ],
  });

  /** Empty where a resume takes that of its run. */
  config = Option.String({ name: 'config', required: true });

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

  resume = Option.String('--resume', {
    description:
      'Go on with a run of the generated folder: its id, or `last`. What is done is replayed, everything else runs.',
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

  lanes = Option.Array('--lane', {
    description:
      'Ceilings for what steps use: openai:concurrency=200,rpm=5000,tpm=2000000 (calls in flight, calls and tokens ' +
      'a minute). Repeatable; also codex, cmd, and openai/<model>.',
  });

  maxWait = Option.String('--max-wait', {
    description: 'Seconds that one call waits at most for a rate limit or a quota (default 3600).',
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

  override async perform(): Promise<number> {
    const check = new OptionCheck();
    const request: RunRequest = {
      settings: await this.#settings(check),
      view: {
        print: check.oneOf('--print', this.print, PRINTS, 'ndjson'),
        only: check.oneOf('--only', this.only, ONLY, 'all'),
        ordered: this.ordered,
        progress: check.oneOf('--progress', this.progress, PROGRESS, 'auto'),
        verbose: this.verbose,
      },
      generated: this.generated,
      resume: this.resume,
      journal: this.journal,
      issues: check.issues,
    };
    const { runSession } = await import('./run-session.js');
    return runSession(request, this.context);
  }

  /** Those that were given: a resume takes the others from its run. */
  async #settings(check: OptionCheck): Promise<Partial<RunSettings>> {
    const { config, parallel, keys, workdir, timeout, appendFilepath, share, maxFailures } = this;
    const { allowDirty, allowSharedWorkdir, allowDanger, lanes, maxWait } = this;
    return given({
      config: config || undefined,
      parallel: parallel === undefined ? undefined : check.count('--parallel', parallel),
      keys: keys === undefined ? undefined : check.keys(keys),
      workdir,
      timeout: check.seconds('--timeout', timeout),
      appendFilepath,
      share,
      maxFailures: check.failures('--max-failures', maxFailures),
      lanes: lanes && check.attempt(() => parseLanes(lanes), {}),
      maxWait: check.seconds('--max-wait', maxWait),
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
