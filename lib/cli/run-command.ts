import { Command, Option } from 'clipanion';
import { BaseCommand } from './base-command.js';
import { OptionCheck } from './run-options.js';

const PRINTS = ['ndjson', 'output', 'path'] as const;
const PROGRESS = ['auto', 'live', 'lines', 'none'] as const;

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
      ['A rehearsal without a key, a network or a bill', '$0 run review.yaml --key doc:docs.txt --simulate'],
    ],
  });

  config = Option.String({ name: 'config', required: true });

  parallel = Option.String('-p,--parallel', '4', {
    description: 'At most N flows in flight (default 4); the others wait.',
  });

  keys = Option.Array('-k,--key', [], {
    description:
      'name:list. The list is a text file of file paths, one a line; the content of each replaces {{{name}}}. ' +
      'Several keys multiply. A list of - is read from stdin.',
  });

  workdir = Option.String('--workdir', '.', { description: 'Where codex and cmd steps run (default .).' });

  timeout = Option.String('--timeout', {
    description: 'Seconds one attempt of a step may take, unless the step says otherwise (default none).',
  });

  appendFilepath = Option.Boolean('--append-filepath', false, {
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

  allowDirty = Option.Boolean('--allow-dirty', false, {
    description: 'Let codex work in a worktree although inputs differ from its commit.',
  });

  allowSharedWorkdir = Option.Boolean('--allow-shared-workdir', false, {
    description: 'Let several codex steps write in one folder at the same time.',
  });

  allowDanger = Option.Boolean('--allow-danger', false, {
    description: 'Let steps that ask for `danger-full-access` have it.',
  });

  simulate = Option.String('--simulate', {
    tolerateBoolean: true,
    description:
      'Answer by an embedded stand-in for the model: no key, no network, no bill. Settings: ' +
      '--simulate=latency=200,fail=0.05 (milliseconds, share of requests that fail).',
  });

  override async perform(): Promise<number> {
    const check = new OptionCheck();
    const { parseSimulateOptions } = await import('../simulate/options.js');
    const { simulate } = this;
    const request = {
      config: this.config,
      parallel: check.count('--parallel', this.parallel),
      keys: check.keys(this.keys),
      workdir: this.workdir,
      timeout: check.seconds('--timeout', this.timeout),
      appendFilepath: this.appendFilepath,
      print: check.oneOf('--print', this.print, PRINTS, 'ndjson'),
      ordered: this.ordered,
      progress: check.oneOf('--progress', this.progress, PROGRESS, 'auto'),
      generated: this.generated,
      verbose: this.verbose,
      allowDirty: this.allowDirty,
      allowSharedWorkdir: this.allowSharedWorkdir,
      allowDanger: this.allowDanger,
      simulate:
        typeof simulate === 'string'
          ? check.attempt(() => parseSimulateOptions(simulate), true)
          : simulate === true,
      issues: check.issues,
    };
    const { runSession } = await import('./run-session.js');
    return runSession(request, this.context);
  }
}
