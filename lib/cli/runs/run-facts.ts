import * as z from 'zod';
import type { FlowCounts } from '../../flow/flow.js';
import type { RunFile } from '../../store/run-file.js';
import type { Paths, RunPaths } from './run-paths.js';

const count = z.number();
const counts = z.object({ done: count, failed: count, cancelled: count, dropped: count });
const texts = z.record(z.string(), z.string());

/** As much of `run.json` as it takes; each part may be missing, or be of another version. */
const known = z.object({
  startedAt: z.string().nullable().catch(null),
  settings: z.object({ config: z.string() }).nullable().catch(null),
  total: z.number().nullable().catch(null),
  end: z
    .object({ how: z.string(), flows: counts.nullable().catch(null) })
    .nullable()
    .catch(null),
});

const listed = z.object({
  bases: texts.catch({}),
  end: z.object({ inputs: texts.catch({}) }).catch({ inputs: {} }),
});

const made = z.object({
  definitions: z.record(z.string(), z.object({ fixed: z.object({ array: z.boolean() }) })),
  config: z.object({ steps: z.array(z.object({ type: z.string() })) }),
});

/** What a run says of its last sitting. */
export interface RunFacts {
  /** ISO 8601; null where it doesn't tell. */
  readonly startedAt: string | null;
  /** As it was named on the command line. */
  readonly config: string | null;
  /** How many flows there are; null where it is unknown. */
  readonly total: number | null;
  /** What it said of its end; null where it broke off, or is live. */
  readonly how: string | null;
  /** How its flows ended; null unless it came to the last one of them. */
  readonly flows: FlowCounts | null;
}

export function factsIn(file: RunFile | null): RunFacts {
  const { startedAt, settings, total, end } = known.parse({ ...file?.info, end: file?.end });
  const config = settings?.config ?? null;
  const flows = end?.how === 'completed' ? end.flows : null;
  const isComplete = flows !== null && (total === null || sum(flows) === total);
  return { startedAt, config, total, how: end?.how ?? null, flows: isComplete ? flows : null };
}

/** The files that a sitting has read. */
export interface ListedFiles {
  /** Absolute folders that the keys' paths lead from, by the key's name. */
  readonly bases: Paths;
  /** SHA-256 of what was in them, by absolute path. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** @param paths of the run's folder */
export function filesIn(file: RunFile | null, paths: RunPaths): ListedFiles {
  const { bases, end } = listed.parse({ ...file?.info, end: file?.end });
  const folders = Object.entries(bases).map(([key, folder]) => [key, paths.read(folder)]);
  const inputs = Object.entries(end.inputs).map(([path, sha256]) => [paths.read(path), sha256]);
  return { bases: Object.fromEntries(folders), inputs: Object.fromEntries(inputs) };
}

/** Whether flows may have several branches, by what the steps are and were. */
export function mayBranch(file: RunFile | null): boolean {
  const { data } = made.safeParse(file?.info);
  if (!data) return true;
  const { definitions, config } = data;
  const lists = Object.values(definitions).some(({ fixed }) => fixed.array);
  return lists || config.steps.some(({ type }) => type === 'module');
}

function sum(counts: FlowCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
