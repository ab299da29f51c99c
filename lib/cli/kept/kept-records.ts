import type { ResultRecord } from '../../record.js';
import { endedFlows } from '../../store/ended-flows.js';
import { viewJournal } from '../../store/journal-view.js';
import { readRunFile } from '../../store/run-file.js';
import { isCurrent } from './current-flows.js';
import { recordOf } from './ended-record.js';
import { isOutdated } from './outdated.js';
import { factsIn, filesIn, mayBranch } from './run-facts.js';

/**
 * The records of a run, in the order in which its flows and branches ended; the last one of each. Those that the last
 * sitting, if it was complete, had no more are left out: their files have changed or aren't listed any more.
 */
export async function* recordsIn(folder: string): AsyncGenerator<ResultRecord> {
  const file = await readRunFile(folder).catch(() => null); // without it the records can be had all the same
  const files = factsIn(file).flows && filesIn(file);
  const view = mayBranch(file) ? await viewJournal(folder) : null;
  try {
    for await (const ended of endedFlows(folder)) {
      if (files && !isCurrent(ended, files)) continue;
      if (view && isOutdated(ended, view)) continue;
      yield recordOf(ended);
    }
  } finally {
    await view?.close();
  }
}
