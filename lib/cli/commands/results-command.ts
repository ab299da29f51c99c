import { Command, Option } from 'clipanion';
import { DEFAULT_GENERATED } from '../../run-options.js';
import { PRINTS } from '../run/printed.js';
import { BaseCommand } from './base-command.js';
import { OptionCheck } from './option-check.js';

/** `orchestrator results` */
export class ResultsCommand extends BaseCommand {
  static override paths = [['results']];

  static override usage = Command.Usage({
    description: 'Print the records of a run again.',
    details: `
      One line for each flow (or branch) that has ended, in the order in which they did, as \`run\` prints them. The run
      may be live: then those that have ended by now. Of a file that was another one in an earlier session there is the
      latest result; how many inputs have changed since is said on stderr. Once the run is complete, those are left out
      whose files aren't listed any more. A run is named by its id, the beginning of that, or \`last\`.
    `,
    examples: [
      ['All of the last run', '$0 results last > out.ndjson'],
      [
        'What failed, and why',
        `$0 results last --failed | jq -r '[.inputs.doc.path, .error.message] | @tsv'`,
      ],
    ],
  });

  run = Option.String({ name: 'run', required: true });

  failed = Option.Boolean('--failed', false, { description: 'Those that failed.' });

  done = Option.Boolean('--done', false, { description: 'Those that are done.' });

  print = Option.String('--print', 'ndjson', {
    description: 'What goes to stdout for each: ndjson (default), output or path.',
  });

  generated = Option.String('--generated', DEFAULT_GENERATED, {
    description: 'The folder with the runs (default generated).',
  });

  override async perform(): Promise<number> {
    const { run, failed, done, generated } = this;
    const check = new OptionCheck();
    const print = check.oneOf('--print', this.print, PRINTS, 'ndjson');
    const { resultsSession } = await import('../runs/results.js');
    return resultsSession({ run, failed, done, print, generated, issues: check.issues }, this.context);
  }
}
