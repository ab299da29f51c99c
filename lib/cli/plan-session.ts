import type { Issue } from '../errors.js';
import { warningLine } from '../findings.js';
import { oneLine } from '../one-line.js';
import { planRun } from '../plan/plan-run.js';
import { ExitCode } from './exit-codes.js';
import { writeLines } from './lines.js';
import type { Streams } from './output.js';
import { planLines } from './plan-text.js';
import type { RunSettings } from './request.js';
import { runInput } from './run-input.js';

/** The command line of `orchestrator plan`. */
export interface PlanRequest {
  /** Those that were given. */
  readonly settings: Partial<RunSettings>;
  readonly json: boolean;
  /** What is wrong with it; each such option has a harmless value above. */
  readonly issues: readonly Issue[];
}

/** Says on stdout what a run would do and use up. */
export async function planSession(request: PlanRequest, streams: Streams): Promise<ExitCode> {
  const { stdin, stdout, stderr } = streams;
  const { config, options } = await runInput({ ...request, ...UNSEEN }, stdin);
  const { forecast, warnings } = await planRun(options, {
    prices: config.prices,
    lanes: options.lanes ?? {},
  });
  for (const warning of warnings) stderr.write(`${oneLine(warningLine(warning))}\n`);
  await writeLines(stdout, request.json ? [JSON.stringify(forecast)] : planLines(forecast));
  return ExitCode.done;
}

/** Nothing is run, shown or kept. */
const UNSEEN = {
  view: { print: 'ndjson', only: 'all', ordered: false, progress: 'none', verbose: false },
  generated: 'generated',
  resume: undefined,
  journal: false,
} as const;
