import type { Observable, OperatorFunction } from 'rxjs';
import type * as z from 'zod';
import type { Flow } from '../flow/flow.js';
import type { Simulation } from '../simulate/simulation.js';
import type { Fingerprint } from '../step/fingerprint.js';
import type { LaneId } from '../step/lane.js';
import type { StepContext, StepFunction, StepOptions } from '../step/step.js';
import type { Artefacts } from './artefacts.js';

/** Fields that a config step of any type may have. */
export interface CommonFields {
  readonly type: string;
  readonly name?: string | undefined;
  readonly timeout?: number | undefined;
  readonly parallel?: number | undefined;
  readonly retries?: number | undefined;
  readonly previous?: boolean | undefined;
  readonly array?: boolean | undefined;
  readonly share?: boolean | undefined;
}

/** Renders one template of a step for one flow. */
export interface Render {
  (flow: Flow, context: StepContext): string | Promise<string>;
  /** Its own words; null stands for an inserted value. */
  readonly words: readonly (string | null)[];
  /** Names of the inserted values, as the config writes them: `{{{doc}}}`. */
  readonly names: readonly string[];
  /** The inserted values for one flow, in that order: short texts, and digests of long ones. */
  inserts(flow: Flow): readonly string[];
}

/** Actions that are refused unless the user allows them. */
interface Allowances {
  /** Inputs that differ from the commit that codex works on. */
  readonly dirty: boolean;
  /** Several agents that write in one folder. */
  readonly sharedWorkdir: boolean;
  /** Steps without a sandbox. */
  readonly danger: boolean;
}

/** The environment that a step type gets once, before anything is started. */
export interface StepEnvironment {
  /** Where the step stands in an issue: `steps[1]`. */
  readonly where: string;
  /** The config's folder, absolute. */
  readonly folder: string;
  /** Absolute; where codex and cmd steps run unless the step says otherwise. */
  readonly workdir: string;
  /** The process's environment, or the one that the library's caller passed. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Variables that hold keys of servers which some step asks. */
  readonly keyNames: readonly string[];
  readonly artefacts: Artefacts;
  /** The embedded stand-in for the model, under `--simulate`. */
  readonly simulation: Simulation | null;
  /** At most so many calls of the whole run are in flight. */
  readonly parallel: number;
  /** How many flows there will be; null where it is unknown. */
  readonly flows: number | null;
  /** True if an earlier step may make several branches of a flow. */
  readonly branches: boolean;
  /** Absolute paths of the files that the keys list. */
  listed(): readonly string[];
  /** The id of each flow that has ended with all its branches; completes with the run. */
  readonly finished$: Observable<string>;
  /** Aborts when the run ends, also while the step is being made: then questions to programs end, too. */
  readonly signal: AbortSignal;
  /** Results are stored beyond the run, or shared: the step needs a fingerprint. */
  readonly keeps: boolean;
  /** The static parts of the steps' fingerprints in earlier sessions of the run. */
  readonly before: readonly Fingerprint['static'][];
  /** Flows share calls unless the step says otherwise. */
  readonly share: boolean;
  /** The user's permissions for the whole run. */
  readonly allow: Allowances;
  /** A template as it stands. `.path` is made relative to `folder` (absolute). */
  template(text: string, folder?: string): Render;
  /**
   * A prompt: the previous output is appended unless the template places it or the step refuses it. `apart`: the step
   * runs in the same folder of another checkout, where no file outside the repository has the same relative path.
   */
  prompt(text: string, folder?: string, apart?: boolean): Render;
  /** Says one line to the user, once a run. */
  notice(line: string): void;
  /** Reports the step's progress for a flow, one line; undefined without a listener. */
  readonly detail?: (flow: Flow, line: string) => void;
}

/** A step that is ready to run. Its options hold where the config says nothing. */
export interface StepBody extends StepOptions {
  readonly run: StepFunction;
  readonly settles?: boolean;
  /** The lane of its calls. Default: none, no limits. */
  readonly lane?: LaneId;
  readonly fingerprint?: Fingerprint;
  /** Frees the step's resources of the whole run (connections, servers); awaited once at its end. */
  readonly close?: () => Promise<void>;
}

/** A step that is an operator over the live branches of a flow. */
export interface Operating {
  readonly operator: OperatorFunction<Flow, Flow>;
}

/** A mistake in one field of a step (`prompt`, `cmd[2]`). */
export interface FieldMistake {
  readonly field: string;
  readonly message: string;
}

/** A template in a step's config, and the field it stands in (`prompt`, `cmd[2]`). */
export interface TemplateField {
  readonly field: string;
  readonly text: string;
}

/** The model that a step asks, as far as its config names it. */
export interface ModelCall {
  /** Null where the program that is asked has a model of its own. */
  readonly model: string | null;
  /** The server's address; null where the environment decides. */
  readonly baseUrl: string | null;
  /** The variable that holds its key, where the config names one. */
  readonly keyName: string | null;
  /** The tier of service that is asked for. */
  readonly serviceTier: string | null;
  /** Most tokens of an answer. */
  readonly maxOutputTokens: number | null;
  /** Names of the tools with fees that the provider may call meanwhile. */
  readonly tools: readonly string[];
  /** The schema of the answer; the model reads it as input. */
  readonly schema: Readonly<Record<string, unknown>> | null;
  /** True if equal requests may share one answer. */
  readonly shareable: boolean;
}

/** The checked config of a step: the common fields, and its type's as `fields` gives them. */
export type Checked<C> = CommonFields & Omit<C, keyof CommonFields>;

/**
 * A type of step that a config can name. Adding one: a file that exports one of these, and a line in index.ts.
 * `C` is the config after validation: paths in it are absolute, `promptFile` has become `prompt`.
 */
export interface StepType<C extends CommonFields, Made extends StepBody | Operating = StepBody> {
  readonly type: string;
  /** Its own fields (beside the common ones), described for users with `.describe()`. */
  readonly fields: z.ZodType<Omit<C, keyof CommonFields>> & { readonly shape: z.ZodRawShape };
  /** Fields that hold a path, resolved against the config's folder. */
  readonly paths: readonly string[];
  /** Fields that name a program: a path where it holds a slash, else it is looked up on PATH. */
  readonly programs?: readonly string[];
  /** Its code may read any key, whether a template names it or not. Default: false. */
  readonly readsAnyKey?: boolean;
  /** Further attempts when the config doesn't say. Default: 0. */
  readonly retries?: number;
  /** Mistakes that one field alone doesn't show (`prompt` and `promptFile` both); each is a sentence with its field. */
  mistakes?(config: Checked<C>): readonly FieldMistake[];
  /** True if its work leaves files in the folder for artefacts. Default: false. */
  readonly leavesFiles?: boolean;
  /** Every text that may hold placeholders. */
  templates(config: Checked<C>): readonly TemplateField[];
  /** Which model it asks; a type without this asks none. */
  modelCall?(config: Checked<C>): ModelCall;
  /**
   * Checks what can be checked before the first call (keys, binaries, folders) and makes the step.
   * Throws a ConfigError where the step can't work.
   */
  create(config: Checked<C>, setup: StepEnvironment): Promise<Made>;
}
