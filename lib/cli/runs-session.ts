import { oneLine } from '../one-line.js';
import { listRuns } from '../store/runs.js';
import { ExitCode } from './exit-codes.js';
import { writeLines } from './lines.js';
import type { Streams } from './output.js';
import { type RunState, stateOf } from './run-state.js';
import { sizeText } from './size.js';
import { table } from './table.js';

/** The command line of `orchestrator runs`. */
export interface RunsRequest {
  readonly generated: string;
  readonly json: boolean;
}

const HEADINGS = ['RUN', 'STARTED', 'CONFIG', 'DONE', 'FAILED', 'TOTAL', 'ENDED', 'SIZE'];

/** Lists the runs on stdout. */
export async function runsSession({ generated, json }: RunsRequest, { stdout, stderr }: Streams) {
  const states: RunState[] = [];
  const warn = (line: string) => stderr.write(`warning: ${oneLine(line)}\n`);
  for (const run of await listRuns(generated)) states.push(await stateOf(run, warn));
  if (states.length === 0) stderr.write(`there is no run in ${oneLine(generated)} yet\n`);
  else await writeLines(stdout, json ? states.map((state) => JSON.stringify(state)) : linesOf(states));
  return ExitCode.done;
}

function linesOf(states: readonly RunState[]): string[] {
  const rows = states.map(({ run, startedAt, config, flows, total, ended, pid, bytes }) => [
    run,
    startedAt && minute(startedAt),
    config && oneLine(config),
    flows?.done ?? null,
    flows?.failed ?? null,
    total,
    pid === null ? ended : `${ended}, pid ${pid}`,
    sizeText(bytes),
  ]);
  return table(HEADINGS, rows);
}

/** `2026-11-22 10:15` */
function minute(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}
