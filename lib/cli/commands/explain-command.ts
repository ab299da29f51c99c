import { Command, Option } from 'clipanion';
import { DEFAULT_GENERATED } from '../../run-options.js';
import type { RunView } from '../run/request.js';
import { BaseCommand } from './base-command.js';

/** Nothing is shown of a run that isn't started. */
const VIEW: RunView = { print: 'ndjson', only: 'all', ordered: false, progress: 'none', verbose: false };

/** `orchestrator explain` */
export class ExplainCommand extends BaseCommand {
  static override paths = [['explain']];

  static override usage = Command.Usage({
    description: 'Say what a resume of a run would replay, what it would run, and why.',
    details: `
      It starts nothing and costs nothing. It is about now: the config, the lists and the files as they are, with the
      options of the run; for other options there is \`run --resume <run> --explain\`, with all options of \`run\`.

      For each step it tells how many flows are replayed, and how many run for which reason; then, for the flow that is
      named by its id (or the beginning of that) or by inputs (\`doc=cart.js rule=errors.md\`: a value, a path, or the end
      of one), or for each where they are few, the steps one by one. Where a step runs,
      those that build on it are taken to run, too; if it puts out what it did before, they are replayed after all.
    `,
    examples: [
      ['What would "retry" do?', '$0 explain last'],
      ['Why does this flow run again?', '$0 explain last b1946ac92492d234'],
      ['The same, by its file', '$0 explain last doc=cart.js'],
      ['What would another config run?', '$0 run other.yaml --resume last --explain'],
    ],
  });

  run = Option.String({ name: 'run', required: true });

  flow = Option.Rest({ name: 'flow' });

  generated = Option.String('--generated', DEFAULT_GENERATED, {
    description: 'The folder with the runs (default generated).',
  });

  trustRun = Option.Boolean('--trust-run', false, {
    description: 'Explain a run that you have not signed: its config and modules are loaded.',
  });

  override async perform(): Promise<number> {
    const { run: resume, flow, generated, trustRun } = this;
    const { explainSession } = await import('../explain/explain-session.js');
    const request = {
      settings: {},
      view: VIEW,
      generated,
      resume,
      trustRun,
      journal: true,
      issues: [],
      brokenKeys: [],
      flow,
    };
    return explainSession(request, this.context);
  }
}
