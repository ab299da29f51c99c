import { ConfigError, codeOf, messageOf } from '../../errors.js';
import { UnsafeFile } from '../../files/private-files.js';
import { type FlowCounts, noFlows } from '../../flow/flow.js';
import type { StoredSpending } from '../../store/contract.js';
import { countEnds } from '../../store/ended-flows.js';
import { JournalError } from '../../store/errors.js';
import type { RunSummary } from '../../store/runs.js';
import { spentIn } from '../../store/spent.js';
import { factsIn } from './saved-run.js';

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
  readonly flows: FlowCounts | null;
  /** How many flows there are; null where it is unknown. */
  readonly total: number | null;
  /** `live`, `crashed` without a recorded end, or the recorded end. */
  readonly ended: string;
  /** The process that has it; null unless it is live. */
  readonly pid: number | null;
  /** Usage of its calls to models, in all its sessions; null where the journal is damaged. */
  readonly spent: StoredSpending | null;
  /** Of all that is in its folder. */
  readonly bytes: number;
}

/** @param warn receives the reason why the flows and calls of a damaged run can't be counted */
export async function stateOf(
  { id, folder, file, holder, bytes }: RunSummary,
  warn: (line: string) => void,
): Promise<RunState> {
  const { startedAt, config, total, how, flows } = factsIn(file);
  const ends = flows ?? (await countedIn(folder, warn));
  return {
    run: id,
    folder,
    startedAt,
    config,
    flows: ends,
    total,
    ended: holder ? 'live' : (how ?? 'crashed'),
    pid: holder?.pid ?? null,
    spent: ends && (await readable(() => spentIn(folder), warn)),
    bytes,
  };
}

async function countedIn(folder: string, warn: (line: string) => void): Promise<FlowCounts | null> {
  try {
    return await readable(() => countEnds(folder), warn);
  } catch (error) {
    // It broke off before it had a journal.
    if (error instanceof ConfigError) return noFlows();
    throw error;
  }
}

/** Null where the journal is damaged, or can't be read: one run doesn't hide the others. */
async function readable<T>(read: () => Promise<T>, warn: (line: string) => void): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof JournalError) warn(`${error.message}. ${error.hint}`);
    else if (error instanceof UnsafeFile || codeOf(error)) warn(messageOf(error));
    else throw error;
    return null;
  }
}
