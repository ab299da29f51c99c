import { assertNone, type Issue } from '../../errors.js';
import type { ResultRecord } from '../../flow/record.js';
import { findRun } from '../../store/runs.js';
import { findUserKey } from '../../store/user-key.js';
import { oneLine } from '../../util/text.js';
import { ExitCode } from '../exit-codes.js';
import type { Streams } from '../output.js';
import { type Print, printed } from '../run/printed.js';
import { stateFolder } from '../state-folder.js';
import { writeTexts } from '../writer.js';
import { recordsIn, type SavedRecord } from './saved-records.js';

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

/**
 * Prints the records of a run on stdout, no faster than its reader takes them, and says on stderr which of them are of
 * inputs that have changed since.
 */
export async function resultsSession(
  request: ResultsRequest,
  { stdout, stderr }: Streams,
): Promise<ExitCode> {
  assertNone(request.issues);
  const { generated } = request;
  const folder = await findRun(generated, request.run);
  const key = await findUserKey(stateFolder());
  const warn = (line: string) => stderr.write(`warning: ${oneLine(line)}\n`);
  const outdated = new Outdated();
  await writeTexts(stdout, textsOf(recordsIn(folder, key, warn), request, outdated));
  for (const line of outdated.lines()) stderr.write(`${oneLine(line)}\n`);
  return ExitCode.done;
}

async function* textsOf(
  records: AsyncIterable<SavedRecord>,
  request: ResultsRequest,
  outdated: Outdated,
): AsyncGenerator<string> {
  for await (const { record, changed } of records) {
    if (!isWanted(record, request)) continue;
    outdated.add(changed);
    const { text } = printed(record, request.print);
    if (text !== null) yield text;
  }
}

function isWanted({ status }: ResultRecord, { failed, done }: ResultsRequest): boolean {
  if (!failed && !done) return true;
  return (failed && status === 'failed') || (done && status === 'done');
}

/** Paths that are named. */
const MOST_NAMED = 3;

/** Counts the records of inputs that have changed since, in constant memory. */
class Outdated {
  readonly #paths = new Set<string>();
  #count = 0;

  add(changed: readonly string[]): void {
    if (changed.length === 0) return;
    this.#count++;
    for (const path of changed) if (this.#paths.size <= MOST_NAMED) this.#paths.add(path);
  }

  lines(): string[] {
    if (this.#count === 0) return [];
    const paths = [...this.#paths];
    const named = paths.slice(0, MOST_NAMED).join(', ') + (paths.length > MOST_NAMED ? ', …' : '');
    const records = this.#count === 1 ? '1 record is' : `${this.#count} records are`;
    return [
      `${records} of inputs that have changed since, or are gone: ${named}; explain says what a resume would run`,
    ];
  }
}
