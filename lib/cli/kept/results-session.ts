import { assertNone, type Issue } from '../../errors.js';
import type { ResultRecord } from '../../record.js';
import { findRun } from '../../store/find-run.js';
import { ExitCode } from '../exit-codes.js';
import { writeTexts } from '../lines.js';
import type { Streams } from '../output.js';
import { type Print, printed } from '../run/printed.js';
import { recordsIn } from './kept-records.js';

/** The command line of `orchestrator results`. */
export interface ResultsRequest {
  /** Its id, or `last`. */
  readonly run: string;
  readonly generated: string;
  /** Where neither is asked for, all are. */
  readonly failed: boolean;
  readonly done: boolean;
  readonly print: Print;
  readonly issues: readonly Issue[];
}

/** Prints the records of a run on stdout, no faster than its reader takes them. */
export async function resultsSession(request: ResultsRequest, { stdout }: Streams): Promise<ExitCode> {
  assertNone(request.issues);
  const folder = await findRun(request.generated, request.run);
  await writeTexts(stdout, textsOf(recordsIn(folder), request));
  return ExitCode.done;
}

async function* textsOf(
  records: AsyncIterable<ResultRecord>,
  request: ResultsRequest,
): AsyncGenerator<string> {
  for await (const record of records) {
    const text = isWanted(record, request) ? printed(record, request.print).text : null;
    if (text !== null) yield text;
  }
}

function isWanted({ status }: ResultRecord, { failed, done }: ResultsRequest): boolean {
  if (!failed && !done) return true;
  return (failed && status === 'failed') || (done && status === 'done');
}
