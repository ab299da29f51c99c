import { assertNone, ConfigError, type Issue } from '../../errors.js';
import { bytesIn, findRun, removeRun } from '../../store/runs.js';
import { oneLine } from '../../util/text.js';
import { type ExitCode, mergeExitCodes } from '../exit-codes.js';
import type { Streams } from '../output.js';
import { printError } from '../print-error.js';
import { sizeText } from '../table.js';

/** The command line of `orchestrator rm`. */
export interface RemoveRequest {
  readonly runs: readonly string[];
  readonly generated: string;
}

/** Deletes the runs, and says so on stderr; none where one of them isn't known. One that is refused doesn't save the others. */
export async function removeSession(
  { runs, generated }: RemoveRequest,
  { stderr, env }: Streams,
): Promise<ExitCode> {
  const folders = await foldersOf(generated, runs);
  const codes: ExitCode[] = [];
  for (const folder of folders) {
    try {
      const bytes = await bytesIn(folder);
      await removeRun(folder);
      stderr.write(`deleted ${oneLine(folder)}, ${sizeText(bytes)}\n`);
    } catch (error) {
      codes.push(printError(error, stderr, env));
    }
  }
  return mergeExitCodes(codes);
}

/** Each once. Rejects with a ConfigError that has all that aren't known. */
async function foldersOf(generated: string, runs: readonly string[]): Promise<ReadonlySet<string>> {
  const folders = new Set<string>();
  const issues: Issue[] = [];
  for (const run of runs) {
    try {
      folders.add(await findRun(generated, run));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      issues.push(...error.issues);
    }
  }
  assertNone(issues);
  return folders;
}
