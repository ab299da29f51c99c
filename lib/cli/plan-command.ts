import { Command, Option } from 'clipanion';
import { OptionCheck } from './run-options.js';
import { SettingsCommand } from './settings-command.js';

/** `orchestrator plan` */
export class PlanCommand extends SettingsCommand {
  static override paths = [['plan']];

  static override usage = Command.Usage({
    description: 'Say what a run would do, and what it would cost, without starting anything.',
    details: `
      It costs nothing, and asks nobody. It takes the options of \`run\` that say what is done.

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
    ],
  });

  config = Option.String({ name: 'config', required: true });

  json = Option.Boolean('--json', false, { description: 'All of it as one line of JSON.' });

  override async perform(): Promise<number> {
    const check = new OptionCheck();
    const settings = { ...(await this.settings(check)), config: this.config };
    const { planSession } = await import('./plan-session.js');
    return planSession({ settings, json: this.json, issues: check.issues }, this.context);
  }
}
