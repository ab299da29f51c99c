import { Command, Option } from 'clipanion';
import { RunOptionsCommand } from './run-options-command.js';

/** `orchestrator run` */
export class RunCommand extends RunOptionsCommand {
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
      ['Resume a stopped run, or try its failed flows again', '$0 run --resume last > out.ndjson'],
      ['A rehearsal without a key, a network or a bill', '$0 run review.yaml --key doc:docs.txt --simulate'],
    ],
  });

  /** Empty where a resume takes that of its run. */
  config = Option.String({ name: 'config', required: true });

  resume = Option.String('--resume', {
    description:
      'Resume a run of the generated folder: its id, or `last`. Finished work is replayed, everything else runs.',
  });

  override perform(): Promise<number> {
    return this.carryOut({ config: this.config, resume: this.resume });
  }
}
