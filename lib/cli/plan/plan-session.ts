import type { Issue } from '../../errors.js';
import { type Planned, planRun } from '../../plan/plan-run.js';
import { warningLine } from '../../prepare/findings.js';
import { jsonLine } from '../../util/json-line.js';
import { oneLine } from '../../util/text.js';
import { ExitCode } from '../exit-codes.js';
import type { Output, Streams } from '../output.js';
import type { RunRequest, RunSettings, RunView } from '../run/request.js';
import { runInput } from '../run/run-input.js';
import { writeLines } from '../writer.js';
import { type Piloted, pilot } from './plan-pilot.js';
import { planLines } from './plan-text.js';

/** The command line of `orchestrator plan`. */
export interface PlanRequest {
  /** Settings given on the command line. */
  readonly settings: Partial<RunSettings>;
  readonly json: boolean;
  /** How many flows are really run; undefined: none. */
  readonly pilot: number | undefined;
  readonly progress: RunView['progress'];
  /** Where the pilot's run is kept. */
  readonly generated: string;
  /** Mistakes in the request; each such option has a harmless value above. */
  readonly issues: readonly Issue[];
  /** Names of keys that have mistakes among those. */
  readonly brokenKeys: readonly string[];
}

/** Prints the forecast of a run on stdout; runs a pilot before, if requested. */
export async function planSession(request: PlanRequest, streams: Streams): Promise<ExitCode> {
  const { stdin, stdout, stderr } = streams;
  const runRequest = requestOf(request);
  const input = await runInput(runRequest, stdin);
  const planned = await planRun(input.options);
  const { forecast, code, run, next } =
    request.pilot === undefined
      ? unmeasured(planned, stderr)
      : await pilot(planned, request.pilot, { request: runRequest, input, streams });
  await writeLines(stdout, request.json ? [jsonLine({ ...forecast, run })] : planLines(forecast));
  for (const line of next) stderr.write(`${line}\n`);
  return code;
}

/** Warns as a run would; a pilot warns by itself. */
function unmeasured({ forecast, warnings }: Planned, stderr: Output): Piloted {
  for (const warning of warnings) stderr.write(`${oneLine(warningLine(warning))}\n`);
  return { forecast, code: ExitCode.done, run: null, next: [] };
}

/** As that of a run of its own. */
function requestOf({ settings, issues, brokenKeys, generated, progress }: PlanRequest): RunRequest {
  const view = { print: 'ndjson', only: 'all', ordered: false, progress, verbose: false } as const;
  return { settings, issues, brokenKeys, generated, view, resume: undefined, trustRun: false, journal: true };
}
