import { Command, Option } from 'clipanion';
import { DEFAULT_GENERATED } from '../../run-options.js';
import { PROGRESS } from '../run/request.js';
import { OptionCheck } from './option-check.js';
import { SettingsCommand } from './settings-command.js';

/** `orchestrator plan` */
export class PlanCommand extends SettingsCommand {
  static override paths = [['plan']];

  static override usage = Command.Usage({
    description: 'Say what a run would do, and what it would cost, without starting anything.',
    details: `
      It costs nothing and sends no request. It takes the options of \`run\` that decide what is done.

      With --pilot N it really runs N flows, spread over all, and estimates again from what they used. That costs what
      they cost; their results are kept, and \`run --resume\` does the others.

      For each step: its calls, and how many would be left with --share; the input tokens of its prompts (counted up to
      10,000 prompts, from a sample above, and at least so many where outputs of earlier steps are put in); and money, low,
      expected and high. What is unknown is called so, what is assumed is listed, and each price says where it is from.

      Keys and programs are not needed, and not checked.
    `,
    examples: [
      ['What would it cost?', '$0 plan review.yaml --key doc:docs.txt'],
      [
        'The expected costs, for a program',
        '$0 plan review.yaml --key doc:docs.txt --json | jq .total.costUsd.expected',
      ],
      ['Measure it by ten flows, then run the others', '$0 plan review.yaml --key doc:docs.txt --pilot 10'],
    ],
  });

  config = Option.String({ name: 'config', required: true });

  json = Option.Boolean('--json', false, { description: 'All of it as one line of JSON.' });

  pilot = Option.String('--pilot', {
    description:
      'Really run N flows, spread over all, and estimate from what they used. They count for the later run.',
  });

  progress = Option.String('--progress', 'auto', {
    description: "The pilot's live line: live, lines (one a change), none, or auto (default).",
  });

  generated = Option.String('--generated', DEFAULT_GENERATED, {
    description: "The folder for the pilot's artefacts and results (default generated).",
  });

  override async perform(): Promise<number> {
    const check = new OptionCheck();
    const settings = { ...this.settings(check), config: this.config };
    const request = {
      settings,
      json: this.json,
      pilot: this.pilot === undefined ? undefined : check.count('--pilot', this.pilot),
      progress: check.oneOf('--progress', this.progress, PROGRESS, 'auto'),
      generated: this.generated,
      issues: check.issues,
      brokenKeys: check.brokenKeys,
    };
    const { planSession } = await import('../plan/plan-session.js');
    return planSession(request, this.context);
  }
}
