import type { MaxFailures } from '../../engine/stop.js';
import type { Issue } from '../../errors.js';
import type { LanesSettings } from '../../lanes/settings.js';
import type { OnLimit } from '../../on-limit.js';
import { DEFAULT_PARALLEL } from '../../run-options.js';
import type { SimulationOptions } from '../../simulate/simulation.js';
import type { KeyOption } from '../commands/option-check.js';
import type { Print } from './printed.js';

/** What a run does: a resume takes it from the run that it goes on with. */
export interface RunSettings {
  readonly config: string;
  readonly parallel: number;
  readonly keys: readonly KeyOption[];
  readonly workdir: string;
  readonly timeout?: number | undefined;
  readonly appendFilepath: boolean;
  readonly share: boolean;
  readonly maxFailures?: MaxFailures | undefined;
  readonly lanes?: LanesSettings | undefined;
  readonly maxWait?: number | undefined;
  readonly maxCost?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly onLimit?: OnLimit | undefined;
  readonly allowDirty: boolean;
  readonly allowSharedWorkdir: boolean;
  readonly allowDanger: boolean;
  readonly simulate: boolean | SimulationOptions;
}

/** How the state of a run is shown meanwhile. */
export const PROGRESS = ['auto', 'live', 'lines', 'none'] as const;

/** How it is shown. */
export interface RunView {
  readonly print: Print;
  /** Whether records are left out whose steps have all been replayed. */
  readonly only: 'all' | 'new';
  readonly ordered: boolean;
  readonly progress: (typeof PROGRESS)[number];
  readonly verbose: boolean;
}

/** The command line of `orchestrator run`. */
export interface RunRequest {
  /** Those that were given. */
  readonly settings: Partial<RunSettings>;
  readonly view: RunView;
  readonly generated: string;
  /** The run to go on with: its id, or `last`. */
  readonly resume: string | undefined;
  /** Whether results are kept. */
  readonly journal: boolean;
  /** What is wrong with it; each such option has a harmless value above. */
  readonly issues: readonly Issue[];
}

/** What holds where the command line says nothing. */
export const DEFAULTS = {
  parallel: DEFAULT_PARALLEL,
  keys: [],
  workdir: '.',
  appendFilepath: false,
  share: false,
  allowDirty: false,
  allowSharedWorkdir: false,
  allowDanger: false,
  simulate: false,
} satisfies Partial<RunSettings>;
