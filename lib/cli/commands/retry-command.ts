import { Command } from 'clipanion';
import { RunOptionsCommand } from './run-options-command.js';

/** `orchestrator retry` */
export class RetryCommand extends RunOptionsCommand {
  static override paths = [['retry']];

  static override usage = Command.Usage({
    description: 'Resume the last run: another name of `run --resume last`.',
    details: `
      Finished work is replayed, and everything else runs: what failed, what was cancelled, what was never begun. The
      options are those of \`run\`; those that aren't given are the run's.
    `,
    examples: [
      ['Try what failed again', '$0 retry > out.ndjson'],
      ['With more patience, and only what is new', '$0 retry --timeout 300 --only new'],
    ],
  });

  override perform(): Promise<number> {
    return this.carryOut({ resume: 'last' });
  }
}
