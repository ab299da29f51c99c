import { Command, Option } from 'clipanion';
import { DEFAULT_GENERATED } from '../../run-options.js';
import { BaseCommand } from './base-command.js';

/** `orchestrator runs` */
export class RunsCommand extends BaseCommand {
  static override paths = [['runs']];

  static override usage = Command.Usage({
    description: 'List the runs of a generated folder, the latest last.',
    details: `
      A line for each run: its id, when it was last started or resumed (UTC), its config, how many flows are done and
      failed, of how many, how it ended, and the size of its folder.

      It ended as \`completed\`, \`interrupted\`, by too many \`failures\`, \`broken off\` when the reader of its results
      closed them, or it \`crashed\`: it ended without saying how; or it is \`live\`. Of a run that isn't complete, each
      branch of a flow counts.
    `,
    examples: [
      ['All runs', '$0 runs'],
      ['Those that are not complete', `$0 runs --json | jq 'select(.ended != "completed") | .run'`],
    ],
  });

  generated = Option.String('--generated', DEFAULT_GENERATED, {
    description: 'The folder with the runs (default generated).',
  });

  json = Option.Boolean('--json', false, { description: 'A line of JSON for each run.' });

  override async perform(): Promise<number> {
    const { runsSession } = await import('../runs/list.js');
    return runsSession({ generated: this.generated, json: this.json }, this.context);
  }
}
