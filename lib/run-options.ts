import type { OperatorFunction } from 'rxjs';
import type { Deliver } from './departure.js';
import { ConfigError, type Issue } from './errors.js';
import type { Flow } from './flow.js';
import type { KeySource } from './inputs/key-source.js';
import type { RunPlan } from './progress.js';
import type { SimulationOptions } from './simulate/simulation.js';
import type { Step } from './step.js';

/** A step as it stands in a config: `{ type: 'openai', prompt: '…' }`. Checked when the run starts. */
export interface StepConfig {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What can stand in the list of steps: a config, a step made in code, or a bare RxJS operator. */
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
  /** Answer by the embedded stand-in for the model. Default: false. */
  readonly simulate?: boolean | SimulationOptions;
  /** Takes each record; a flow keeps its slot until this has settled. A rejection ends the run with that error. */
  readonly deliver?: Deliver;
  /** Its abort lets what is in flight leave as `cancelled`, and the run complete. */
  readonly signal?: AbortSignal;
  /** Field values for config steps that don't set them, by type. */
  readonly defaults?: unknown;
  /** Folder that relative paths inside config steps resolve against. Default: the working directory. */
  readonly folder?: string;
  /** Where keys and settings of the steps are looked up. Default: the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called once everything is checked, before the first flow. */
  readonly onStart?: (plan: RunPlan) => void;
  /** Called with each line that the user should see: warnings, and what is capped or simulated. */
  readonly onNotice?: (line: string) => void;
}

/** A run from a file, where anything can stand in the list of steps. */
export interface UncheckedOptions extends Omit<RunOptions, 'steps'> {
  readonly steps: readonly unknown[];
  /** Mistakes that were found before; reported together with those in the steps and keys. */
  readonly issues?: readonly Issue[];
}

/** The mistakes in those options that are plain values. */
export function optionIssues({ steps, parallel, timeout, deliver }: UncheckedOptions): Issue[] {
  const issues: Issue[] = [];
  const expect = (fits: boolean, where: string, expected: string, got: unknown) => {
    if (!fits) issues.push({ where, message: `expected ${expected}, got ${String(got)} (${typeof got})` });
  };
  expect(Array.isArray(steps), 'steps', 'a list of steps', steps);
  expect(isCount(parallel ?? 1), 'parallel', 'a whole number from 1 up', parallel);
  expect(timeout === undefined || timeout > 0, 'timeout', 'a number of seconds above 0', timeout);
  expect(deliver === undefined || typeof deliver === 'function', 'deliver', 'a function', deliver);
  return issues;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}

/** Throws when there is anything to report. */
export function assertNone(issues: readonly Issue[]): void {
  if (issues.length > 0) throw new ConfigError(issues);
}
