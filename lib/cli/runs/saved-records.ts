import type { ResultRecord } from '../../flow/record.js';
import { Past } from '../../preview/history.js';
import { type EndedFlow, endedFlows } from '../../store/ended-flows.js';
import { unsigned } from '../../store/errors.js';
import { viewJournal } from '../../store/journal-view.js';
import { readRunFile } from '../../store/run-file.js';
import { Signer } from '../../store/signer.js';
import type { FoundKey } from '../../store/user-key.js';
import { isCurrent } from './current-flows.js';
import { recordOf } from './ended-record.js';
import { InputsNow } from './inputs-now.js';
import { isOutdated } from './outdated.js';
import { factsIn, filesIn, mayBranch } from './run-facts.js';
import { RunPaths } from './run-paths.js';

/** A record that a run has kept. */
export interface KeptRecord {
  readonly record: ResultRecord;
  /** Paths of its inputs that aren't any more what they were. */
  readonly changed: readonly string[];
}

/**
 * The records of a run, in the order in which its flows and branches ended; the last one of each. Of flows that differ
 * only in what is in their files there is one: that of the last session if it was complete (so those whose files aren't
 * listed any more are left out, too), else the one whose files are what they are now, else the latest.
 *
 * @param warn is told where the user hasn't signed the run
 */
export async function* recordsIn(
  folder: string,
  { key, problem }: FoundKey,
  warn: (line: string) => void,
): AsyncGenerator<KeptRecord> {
  const signer = key && new Signer(key, folder);
  const file = await readRunFile(folder, signer).catch(() => null); // without it the records can be had all the same
  const listed = filesIn(file, new RunPaths(folder));
  const complete = factsIn(file).flows && listed;
  const now = new InputsNow(listed.bases);
  const view = await viewJournal(folder, signer);
  const past = new Past(view);
  try {
    if (!view.isSigned || file?.isSigned === false) warn(unsigned(folder, problem));
    for (const ended of endedFlows(view)) {
      if (complete && !isCurrent(ended, complete)) continue;
      if (mayBranch(file) && isOutdated(ended, view)) continue;
      const changed = await now.changed(ended.inputs);
      if (!complete && changed.length > 0 && (await isReplaced(ended, past, now))) continue;
      yield { record: recordOf(ended), changed };
    }
  } finally {
    await view.close();
  }
}

/** Whether another flow had the same files with other contents: those that they have now, or later ones. */
async function isReplaced(ended: EndedFlow, past: Past, now: InputsNow): Promise<boolean> {
  const own = past.endOf(ended)?.offset ?? 0;
  for (const { line, offset } of past.like(ended.inputs)) {
    if (!hasOtherContents(line, ended)) continue;
    if (offset > own || (await now.changed(line.inputs)).length === 0) return true;
  }
  return false;
}

function hasOtherContents(one: Pick<EndedFlow, 'inputs'>, other: Pick<EndedFlow, 'inputs'>): boolean {
  return Object.entries(one.inputs).some(([key, { sha256 }]) => sha256 !== other.inputs[key]?.sha256);
}
