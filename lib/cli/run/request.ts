import * as z from 'zod';
import { ON_LIMIT } from '../../cost/budget.js';
import type { Issue } from '../../errors.js';
import { DEFAULT_PARALLEL } from '../../run-options.js';
import type { Print } from './printed.js';

const key = z.object({ name: z.string(), list: z.string() });

const count = z.number().optional();

/** The settings of a run, as `run.json` has them. */
export const settings = z.object({
  config: z.string(),
  parallel: z.number(),
  keys: z.array(key),
  workdir: z.string(),
  timeout: z.number().optional(),
  appendFilepath: z.boolean(),
  share: z.boolean(),
  maxFailures: z.union([z.number(), z.templateLiteral([z.number(), '%'])]).optional(),
  lanes: z.record(z.string(), z.object({ concurrency: count, rpm: count, tpm: count })).optional(),
  maxWait: z.number().optional(),
  maxCost: z.number().optional(),
  maxTokens: z.number().optional(),
  onLimit: z.enum(ON_LIMIT).optional(),
  allowDirty: z.boolean(),
  allowSharedWorkdir: z.boolean(),
  allowDanger: z.boolean(),
  allowUnusedKey: z.boolean().default(false),
  simulate: z.union([z.boolean(), z.object({ latency: z.number().optional(), fail: z.number().optional() })]),
});

/** The settings of a run: a resume takes them from its run. */
export type RunSettings = Readonly<z.infer<typeof settings>>;

/** How the state of a run is shown meanwhile. */
export const PROGRESS = ['auto', 'live', 'lines', 'none'] as const;

/** How a run is shown. */
export interface RunView {
  readonly print: Print;
  /** `new` leaves out records whose steps were all replayed. */
  readonly only: 'all' | 'new';
  readonly ordered: boolean;
  readonly progress: (typeof PROGRESS)[number];
  readonly verbose: boolean;
}

/** The command line of `orchestrator run`. */
export interface RunRequest {
  /** Settings given on the command line. */
  readonly settings: Partial<RunSettings>;
  readonly view: RunView;
  readonly generated: string;
  /** The run to go on with: its id, or `last`. */
  readonly resume: string | undefined;
  /** The user trusts that run's files. */
  readonly trustRun: boolean;
  /** True if results are stored. */
  readonly journal: boolean;
  /** Mistakes in the request; each such option has a harmless value above. */
  readonly issues: readonly Issue[];
  /** Names of keys that have mistakes among those. */
  readonly brokenKeys: readonly string[];
}

/** Settings that hold unless the command line says otherwise. */
export const DEFAULTS = {
  parallel: DEFAULT_PARALLEL,
  keys: [],
  workdir: '.',
  appendFilepath: false,
  share: false,
  allowDirty: false,
  allowSharedWorkdir: false,
  allowDanger: false,
  allowUnusedKey: false,
  simulate: false,
} satisfies Partial<RunSettings>;
