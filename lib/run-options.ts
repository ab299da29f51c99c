import type { OperatorFunction } from 'rxjs';
import type { Definitions } from './cache/cache-keys.js';
import type { MaxFailures, Stop } from './context/stop.js';
import type { OnLimit } from './cost/budget.js';
import type { OwnPrices } from './cost/price.js';
import type { Issue } from './errors.js';
import type { Flow } from './flow/flow.js';
import type { Deliver } from './flow/record.js';
import type { KeySource } from './inputs/key-source.js';
import type { LanesSettings } from './lanes/settings.js';
import type { RunPlan } from './progress/progress.js';
import type { SimulationOptions } from './simulate/simulation.js';
import type { Step } from './step/step.js';
import type { Store } from './store/contract.js';

/** A step as it stands in a config: `{ type: 'openai', prompt: '…' }`. Checked when the run starts. */
export interface StepConfig {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** How many flows are in flight where nothing is said. */
export const DEFAULT_PARALLEL = 4;

/** Where artefacts and kept runs go where nothing is said. */
export const DEFAULT_GENERATED = 'generated';

/** An element of the list of steps: a config, a step made in code, or a bare RxJS operator. */
export type StepLike = StepConfig | Step | OperatorFunction<Flow, Flow>;

export interface RunOptions {
  readonly steps: readonly StepLike[];
  /** Lists of paths, `{ values }` or `{ list }`, by name; they multiply, the last one varies fastest. Default: one flow. */
  readonly keys?: Readonly<Record<string, KeySource>>;
  /** At most so many flows in flight, a whole number from 1 up. Default: 4. */
  readonly parallel?: number;
  /** Seconds one attempt of a step may take, unless the step says otherwise. Default: none. */
  readonly timeout?: number;
  /** Where codex and cmd steps run. Default: the working directory. */
  readonly workdir?: string;
  /** Where artefacts go; paths in records begin with it. Default: `generated`. */
  readonly generated?: string;
  /** Each interpolated content is followed by a newline and its path. Default: false. */
  readonly appendFilepath?: boolean;
  /** Records leave in flow order, branches in branch order. Default: false. */
  readonly ordered?: boolean;
  /** Codex steps in a worktree may run although inputs differ from its commit. Default: false. */
  readonly allowDirty?: boolean;
  /** Several codex steps may write in one folder at the same time. Default: false. */
  readonly allowSharedWorkdir?: boolean;
  /** Codex steps may run without a sandbox, where they say so themselves. Default: false. */
  readonly allowDanger?: boolean;
  /** A key that no template uses is a warning, not a mistake. Default: false. */
  readonly allowUnusedKey?: boolean;
  /** Answer by the embedded stand-in for the model. Default: false. */
  readonly simulate?: boolean | SimulationOptions;
  /** Takes each record; a flow keeps its slot until this has settled. A rejection ends the run with that error. */
  readonly deliver?: Deliver;
  /** Aborting it lets flows in flight leave as `cancelled`, and completes the run. */
  readonly signal?: AbortSignal;
  /** Aborting it admits no more flows; flows in flight finish, and the run completes. */
  readonly drain?: AbortSignal;
  /** Admits no more flows after so many have failed; a number, or a share of all flows as in `'10%'`. Default: none. */
  readonly maxFailures?: MaxFailures;
  /** Ceilings for the steps' calls, by lane: `{ openai: { concurrency: 20, rpm: 500 }, codex: { concurrency: 4 } }`. */
  readonly lanes?: LanesSettings;
  /** Seconds that one call waits at most when its provider refuses it: a rate limit, a quota. Default: 3600. */
  readonly maxWait?: number;
  /**
   * Prices of models, dollars for a million tokens: `{ 'my-model': { input: 1, cachedInput: 0.1, output: 4 } }`.
   * Default: the list prices.
   */
  readonly prices?: OwnPrices;
  /** Dollars that the run may cost, in all its sessions; every model then needs a price. Default: no limit. */
  readonly maxCost?: number;
  /** Tokens that it may use, input and output, in all its sessions. Default: no limit. */
  readonly maxTokens?: number;
  /**
   * How calls in flight end when such a limit is reached: `drain` lets them finish, `cancel` cancels them. Default:
   * drain.
   */
  readonly onLimit?: OnLimit;
  /** Calls that several flows would make alike are made once; steps may say otherwise. Default: false. */
  readonly share?: boolean;
  /**
   * Where results are kept, and those of earlier attempts at the run are found: a store, or a function that opens one
   * when all is checked. The run closes it. Default: none.
   */
  readonly store?: Store | OpenStore;
  /** Field values for config steps that don't set them, by type. */
  readonly defaults?: unknown;
  /** Folder that relative paths inside config steps resolve against. Default: the working directory. */
  readonly folder?: string;
  /** Where keys and settings of the steps are looked up. Default: the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called once everything is checked, before the first flow. */
  readonly onStart?: (plan: RunPlan) => void;
  /** Called when the run admits no more flows though there are more. */
  readonly onStop?: (stop: Stop) => void;
  /** Called with each line that the user should see: warnings, and notices about caps or simulation. */
  readonly onNotice?: (line: string) => void;
  /** Called with the progress of steps; producing it costs time, so pass it only where it is shown. */
  readonly onDetail?: (detail: Detail) => void;
}

/** Opens the store of a run that is about to start; receives the definitions of its steps. */
export type OpenStore = (plan: RunPlan, definitions: Definitions) => Promise<Store>;

/** Progress of a step for a flow. */
export interface Detail {
  /** The step's name. */
  readonly step: string;
  /** The step's position. */
  readonly stepIndex: number;
  /** The flow's id. */
  readonly flow: string;
  /** The flow's position. */
  readonly index: number;
  readonly branch: readonly number[];
  /** One line. */
  readonly line: string;
}

/** Every field may also be `undefined`. */
type Undefinable<T> = { readonly [Field in keyof T]: T[Field] | undefined };

/** A run from a file, where anything can stand in the list of steps. */
export interface UncheckedOptions extends Undefinable<Omit<RunOptions, 'steps'>> {
  readonly steps: readonly unknown[];
  /** Mistakes that were found before; reported together with those in the steps and keys. */
  readonly issues?: readonly Issue[];
  /** Names of keys that have mistakes among those. */
  readonly brokenKeys?: readonly string[];
  /** The definitions of the steps in earlier sessions of the run. */
  readonly before?: Definitions;
  /** Says of mistakes where they stand in the file, if they do. */
  readonly locate?: (issues: readonly Issue[]) => Promise<readonly Issue[]>;
}
