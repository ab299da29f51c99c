import { z } from 'zod';
import { countEnds, type Ends } from '../store/ended-flows.js';
import { codeOf, JournalError } from '../store/errors.js';
import type { RunSummary } from '../store/runs.js';

/** A run at a glance. */
export interface RunState {
  /** Its id. */
  readonly run: string;
  readonly folder: string;
  /** When it was last started or resumed, ISO 8601; null where it doesn't tell. */
  readonly startedAt: string | null;
  /** As it was named on the command line. */
  readonly config: string | null;
  /** How many have ended, and how: flows of a complete run, else flows and branches. Null where the journal is damaged. */
  readonly flows: Ends | null;
  /** How many flows there are; null where nobody knows. */
  readonly total: number | null;
  /** `live`, `crashed` where it doesn't tell, or what the run said of its end. */
  readonly ended: string;
  /** The process that has it; null unless it is live. */
  readonly pid: number | null;
  /** Of all that is in its folder. */
  readonly bytes: number;
}

const count = z.number();
const flows = z.object({ done: count, failed: count, cancelled: count, dropped: count });

/** As much of `run.json` as it takes; each part may be missing, or be of another version. */
const known = z.object({
  startedAt: z.string().nullable().catch(null),
  settings: z.object({ config: z.string() }).nullable().catch(null),
  total: z.number().nullable().catch(null),
});

const ending = z
  .object({ how: z.string(), flows: flows.nullable().catch(null) })
  .nullable()
  .catch(null);

/** @param warn is told why the flows of a damaged run can't be counted */
export async function stateOf(
  { id, folder, file, holder, bytes }: RunSummary,
  warn: (line: string) => void,
): Promise<RunState> {
  const { startedAt, settings, total } = known.parse(file?.info ?? {});
  const end = ending.parse(file?.end ?? null);
  return {
    run: id,
    folder,
    startedAt,
    config: settings?.config ?? null,
    flows: end?.flows && isComplete(end, total) ? end.flows : await countedIn(folder, warn),
    total,
    ended: holder ? 'live' : endOf(end, total),
    pid: holder?.pid ?? null,
    bytes,
  };
}

type Ending = z.infer<typeof ending>;

/** A sitting that didn't come to the last flow knows nothing of those of the sittings before. */
function isComplete(end: Ending, total: number | null): boolean {
  if (end?.how !== 'completed' || !end.flows) return false;
  const ended = Object.values(end.flows).reduce((sum, count) => sum + count, 0);
  return total === null || ended === total;
}

function endOf(end: Ending, total: number | null): string {
  if (!end) return 'crashed';
  return end.how === 'completed' && !isComplete(end, total) ? 'broken off' : end.how;
}

async function countedIn(folder: string, warn: (line: string) => void): Promise<Ends | null> {
  try {
    return await countEnds(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { done: 0, failed: 0, cancelled: 0, dropped: 0 };
    if (!(error instanceof JournalError)) throw error;
    warn(`${error.message}. ${error.hint}`);
    return null;
  }
}
