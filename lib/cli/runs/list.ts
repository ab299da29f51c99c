import type { SpendingSum } from '../../flow/spending.js';
import type { StoredSpending } from '../../store/contract.js';
import { foreignIds, listRuns } from '../../store/runs.js';
import { findUserKey } from '../../store/user-key.js';
import { formatKnownUsd } from '../../util/dollars.js';
import { jsonLine } from '../../util/json-line.js';
import { oneLine } from '../../util/text.js';
import { ExitCode } from '../exit-codes.js';
import type { Streams } from '../output.js';
import { stateFolder } from '../state-folder.js';
import { sizeText, table } from '../table.js';
import { writeLines } from '../writer.js';
import { type RunState, stateOf } from './run-state.js';

/** The command line of `orchestrator runs`. */
export interface RunsRequest {
  readonly generated: string;
  readonly json: boolean;
}

const HEADINGS = ['RUN', 'STARTED', 'CONFIG', 'DONE', 'FAILED', 'TOTAL', 'ENDED', 'COST', 'SIZE'];

/** Lists the runs on stdout. */
export async function runsSession({ generated, json }: RunsRequest, { stdout, stderr }: Streams) {
  const states: RunState[] = [];
  const warn = (line: string) => stderr.write(`warning: ${oneLine(line)}\n`);
  const { key, problem } = await findUserKey(stateFolder());
  const runs = await listRuns(generated, key);
  for (const run of runs) states.push(await stateOf(run, warn));
  const foreign = await foreignIds(generated);
  if (foreign.length > 0) warn(`runs of other users are left out: ${foreign.join(', ')}`);
  const unsigned = runs.filter(({ file }) => file && !file.isSigned).map(({ id }) => id);
  if (unsigned.length > 0) {
    const why = problem === null ? 'not signed by you' : `signatures can't be checked (${problem})`;
    warn(`${why}, so a resume needs --trust-run: ${unsigned.join(', ')}`);
  }
  if (states.length === 0) stderr.write(`there is no run in ${oneLine(generated)} yet\n`);
  else await writeLines(stdout, json ? states.map(jsonLine) : linesOf(states));
  return ExitCode.done;
}

function linesOf(states: readonly RunState[]): string[] {
  const rows = states.map(({ run, startedAt, config, flows, total, ended, pid, spent, bytes }) => [
    run,
    startedAt && minute(startedAt),
    config,
    flows?.done ?? null,
    flows?.failed ?? null,
    total,
    pid === null ? ended : `${ended}, pid ${pid}`,
    spent && costText(spent),
    sizeText(bytes),
  ]);
  return table(HEADINGS, rows);
}

/** `$0.42`, `$0.42 + $0.01 simulated`; null where no model was asked. */
function costText({ simulated, ...real }: StoredSpending): string | null {
  const parts = [isNothing(real) ? [] : sumText(real), simulated ? `${sumText(simulated)} simulated` : []];
  return parts.flat().join(' + ') || null;
}

function isNothing({ tokens, costUsd, unknown }: SpendingSum): boolean {
  return tokens === 0 && costUsd === 0 && unknown === 0;
}

function sumText({ costUsd, unknown }: SpendingSum): string {
  return formatKnownUsd(costUsd, unknown === 0);
}

/** `2026-11-22 10:15` */
function minute(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}
