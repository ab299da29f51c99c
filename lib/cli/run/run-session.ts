import { isReplayed, type ResultRecord } from '../../flow/record.js';
import { ExitCode } from '../exit-codes.js';
import type { Streams } from '../output.js';
import { conduct } from './conduct.js';
import { interruptible } from './interruption.js';
import { type Printed, printed } from './printed.js';
import type { RunRequest, RunView } from './request.js';
import { runInput } from './run-input.js';

/** From the request to the exit code: one run, its results on stdout, all else on stderr. */
export async function runSession(request: RunRequest, streams: Streams): Promise<ExitCode> {
  const input = await interruptible(runInput(request, streams.stdin));
  const { view } = request;
  const { code, next } = await conduct({
    request,
    input,
    streams,
    printed: (record) => told(record, view),
  });
  // Whoever closed stdout has what was wanted.
  if (code === ExitCode.done || code === ExitCode.stdoutClosed) return code;
  for (const line of next) streams.stderr.write(`${line}\n`);
  return code;
}

function told(record: ResultRecord, { print, only }: RunView): Printed {
  const told = printed(record, print);
  return only === 'new' && isReplayed(record) ? { ...told, text: null } : told;
}
