import { Command, Option } from 'clipanion';
import { DEFAULT_GENERATED } from '../../run-options.js';
import { BaseCommand } from './base-command.js';

/** `orchestrator rm` */
export class RemoveCommand extends BaseCommand {
  static override paths = [['rm']];

  static override usage = Command.Usage({
    description: 'Delete runs with their results; a deleted run cannot be resumed.',
    details: `
      A run that is live is refused. What codex steps have left (\`codex_exec_…\`, patches, worktrees) stays, since records
      that were printed name it. A run is named by its id, the beginning of that, or \`last\`.
    `,
    examples: [
      ['One run', '$0 rm 20261122-101500-k3x9'],
      [
        'All that are complete',
        `$0 runs --json | jq -r 'select(.ended == "completed") | .run' | xargs -r $0 rm`,
      ],
    ],
  });

  runs = Option.Rest({ name: 'run', required: 1 });

  generated = Option.String('--generated', DEFAULT_GENERATED, {
    description: 'The folder with the runs (default generated).',
  });

  override async perform(): Promise<number> {
    const { removeSession } = await import('../runs/remove.js');
    return removeSession({ runs: this.runs, generated: this.generated }, this.context);
  }
}
