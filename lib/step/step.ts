import type { OperatorFunction } from 'rxjs';
import { assertNone, ConfigError, type Issue, type StepFailure } from '../errors.js';
import type { Billed, Flow, StepFacts } from '../flow/flow.js';
import { type Fingerprint, wholeFlow } from './fingerprint.js';
import type { LaneId, LaneNews } from './lane.js';

/** The context of one attempt, beside the flow. */
export interface StepContext {
  /** Aborted when the attempt's time is up, the run is cancelled or its consumer unsubscribes. */
  readonly signal: AbortSignal;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The failure of the previous attempt; undefined in the first one. A refusal by its lane isn't an attempt. */
  readonly failure?: StepFailure | undefined;
  /** The content of one of the flow's inputs, as text. Fails the flow as `input` where it isn't UTF-8. */
  read(key: string): Promise<string>;
  /** Adds to the step's record; later facts win. Facts reported before a failure are kept. */
  tell(facts: StepFacts): void;
  /** Waits for something that isn't this step's work: the time is charged to no time-out, and isn't counted as work. */
  wait<T>(something: Promise<T>): Promise<T>;
  /** Reports news of the step's lane, so that the run keeps within its limits. Undefined where the step has none. */
  readonly lane?: ((news: LaneNews) => void) | undefined;
}

/** The text of one of a flow's inputs. */
export type ReadInput = (flow: Flow, key: string) => string | Promise<string>;

/** Does the step's work for one flow: the flow goes in, the output comes out. Throws a StepFailure (or anything). */
export type StepFunction = (flow: Flow, context: StepContext) => string | Promise<string>;

/** How the engine treats a step, whatever its type. */
export interface StepOptions {
  /** Seconds one attempt may take; waiting for a turn and back-off aren't counted. Default: none. */
  readonly timeout?: number;
  /** Further attempts after a failure that is worth one. Default: 0. */
  readonly retries?: number;
  /** At most so many flows are in this step at once. Default: the run's `parallel`. */
  readonly parallel?: number;
  /** Bump it when a dependency of the function changes, to invalidate cached results. */
  readonly version?: string;
  /** The output is a JSON array; the rest of the steps runs once for each element, as branches. Default: false. */
  readonly array?: boolean;
}

/** Usage and cost of a step's calls. */
export interface Pricing {
  /** Expected usage of a call for this flow. */
  expect(flow: Flow): Billed;
  /** True if that is an assumption: no call has ended yet. */
  readonly isGuess: boolean;
  /** Its calls are answered by the embedded stand-in: their cost is notional. Default: false. */
  readonly isSimulated?: boolean;
  /** A call for this flow has used so much: the next ones are expected to be like it. */
  learn(flow: Flow, billed: Billed): void;
  /** The cost of one call, in dollars; null where it is unknown. */
  costOf(billed: Billed): number | null;
}

/** A step that works on one flow at a time. */
export interface RunStep extends StepOptions {
  readonly kind: 'run';
  readonly name: string;
  readonly type: string;
  readonly run: StepFunction;
  /** The lane of its calls, whose limits bound their number and rate. Default: none, no limits. */
  readonly lane?: LaneId;
  /**
   * True if `run` itself settles soon after its signal aborts, having first ended its processes and requests. Otherwise
   * an aborted call is abandoned at once. Default: false.
   */
  readonly settles?: boolean;
  /** Of a step that asks a model. */
  readonly pricing?: Pricing;
  /** The inputs of its result. A step without a fingerprint is never replayed, and never shared. */
  readonly fingerprint?: Fingerprint;
  /** Flows for which the fingerprint is the same share one call. Default: false. */
  readonly share?: boolean;
}

/** A step that is an RxJS operator over the live branches of one flow. */
export interface OperatorStep {
  readonly kind: 'operator';
  readonly name: string;
  readonly type: 'operator';
  readonly operator: OperatorFunction<Flow, Flow>;
}

export type Step = RunStep | OperatorStep;

/**
 * A step from a function: the flow goes in, the output comes out.
 * An exception fails the flow as `operator` (a StepFailure: as its own kind).
 */
export function step(name: string, run: StepFunction, options: StepOptions = {}): RunStep {
  const fingerprint = wholeFlow({ source: String(run) });
  return { kind: 'run', name, type: 'function', run, ...(isVisible(run) && { fingerprint }), ...options };
}

/** A bound function doesn't show its source. */
function isVisible(run: StepFunction): boolean {
  return !String(run).includes('[native code]');
}

/** A step from any `OperatorFunction<Flow, Flow>`, named for the progress line and the records. */
export function operator(name: string, operate: OperatorFunction<Flow, Flow>): OperatorStep {
  return { kind: 'operator', name, type: 'operator', operator: operate };
}

/** Checks a step's options: a zod schema, or any other that follows Standard Schema. */
export interface OptionsSchema<Input, Output = Input> {
  readonly '~standard': {
    /** Known to the compiler only. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    validate(value: unknown): SchemaResult<Output> | Promise<SchemaResult<Output>>;
  };
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A type of step of your own, with options: `Input` is the config's value, `Output` the schema's result for it. */
export interface StepDefinition<Input, Output = Input> {
  /** Shown in records; the default of a step's name. */
  readonly type: string;
  /** The schema of its options. */
  readonly options: OptionsSchema<Input, Output>;
  /** Does the work for one flow. */
  run(flow: Flow, context: StepContext, options: Output): string | Promise<string>;
}

/** A type of step of your own that has no options. */
export interface PlainStepDefinition {
  readonly type: string;
  readonly options?: undefined;
  run(flow: Flow, context: StepContext): string | Promise<string>;
}

/** A definition of which nothing more is known. */
export type AnyStepDefinition = StepDefinition<unknown> | PlainStepDefinition;

/** How one step of a type is named and treated. */
export interface StepSettings extends StepOptions {
  readonly name?: string;
}

/** Arguments of a maker; options that may be empty may be left out. */
type MakerArguments<Input> = [Input] extends [undefined]
  ? [options?: undefined, settings?: StepSettings]
  : Record<never, never> extends Input
    ? [options?: NoInfer<Input>, settings?: StepSettings]
    : [options: NoInfer<Input>, settings?: StepSettings];

/** Makes steps of one type: `score({ atLeast: 3 }, { retries: 2 })`. Options that don't fit are a ConfigError. */
export interface StepMaker<Input> {
  (...given: MakerArguments<Input>): RunStep;
  /** The definition of the steps. */
  readonly definition: AnyStepDefinition;
}

/**
 * Defines a type of step, with options or without, for code and for configs (`type: module`). Throws a ConfigError where
 * the definition lacks something.
 */
export function defineStep<Input, Output>(definition: StepDefinition<Input, Output>): StepMaker<Input>;
export function defineStep(definition: PlainStepDefinition): StepMaker<undefined>;
export function defineStep(definition: AnyStepDefinition): StepMaker<unknown> {
  checkDefinition(definition);
  const make = (options?: unknown, { name = definition.type, ...settings }: StepSettings = {}): RunStep => {
    const { type } = definition;
    const run = runWith(definition, options, type);
    return { kind: 'run', name, type, run, fingerprint: definitionBasis(definition, options), ...settings };
  };
  return Object.assign(make, { definition });
}

/** For callers without types. */
function checkDefinition({ type, options, run }: AnyStepDefinition): void {
  const issues: Issue[] = [];
  const add = (field: string, message: string) => issues.push({ where: `defineStep.${field}`, message });
  if (typeof type !== 'string' || type === '') add('type', 'expected a name');
  if (typeof run !== 'function') add('run', 'expected a function (flow, context, options)');
  if (options !== undefined && typeof options?.['~standard']?.validate !== 'function')
    add(
      'options',
      'expected a schema (of zod, or another that follows Standard Schema); leave it out for none',
    );
  assertNone(issues);
}

/** The fingerprint of a step made by `defineStep`. */
function definitionBasis({ type, run }: AnyStepDefinition, options: unknown): Fingerprint {
  return wholeFlow({ type, source: String(run), options });
}

/**
 * The function of a step with these options (undefined: none were given). Throws a ConfigError that names the wrong ones,
 * as parts of `where`.
 */
export function runWith(definition: AnyStepDefinition, options: unknown, where: string): StepFunction {
  if (definition.options === undefined) {
    if (options === undefined) return (flow, context) => definition.run(flow, context);
    throw new ConfigError([
      { where, message: 'it takes no options: its definition has none; leave them out' },
    ]);
  }
  const checked = checkOptions(definition.options, options, where);
  return (flow, context) => definition.run(flow, context, checked);
}

/** Where none are given the schema may fill in all of them, or each. */
function checkOptions<O>(schema: OptionsSchema<unknown, O>, options: unknown, where: string): O {
  const result = validated(schema, options, where);
  if (result.issues === undefined) return result.value;
  if (options === undefined) return checkOptions(schema, {}, where);
  throw new ConfigError(
    result.issues.map(({ path = [], message }) => ({
      where: [where, ...path.map(pathPart)].join('.'),
      message,
    })),
  );
}

function validated<O>(schema: OptionsSchema<unknown, O>, options: unknown, where: string): SchemaResult<O> {
  const result = schema['~standard'].validate(options);
  if (!(result instanceof Promise)) return result;
  throw new ConfigError([
    { where, message: 'the schema of its options is asynchronous; it must be synchronous' },
  ]);
}

function pathPart(part: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof part === 'object' ? part.key : part);
}
