import { resolve } from 'node:path';
import type { Observable, OperatorFunction } from 'rxjs';
import { Artefacts } from './artefacts.js';
import type { CheckedStep, ConfigStep } from './config/checked.js';
import { ConfigError, type Issue, messageOf, StepFailure } from './errors.js';
import type { Flow } from './flow.js';
import type { Inputs } from './inputs/inputs.js';
import type { Sizes } from './inputs/sizes.js';
import { tariffFor } from './make-tariff.js';
import type { LazyTariff } from './money/lazy-tariff.js';
import { leftovers } from './processes/leftovers.js';
import { promptOf, templateOf } from './rendering.js';
import type { UncheckedOptions } from './run-options.js';
import type { Simulation } from './simulate/simulation.js';
import { operator, type Step, type StepFunction, type StepOptions } from './step.js';
import type { Setup } from './steps/contract.js';

/** Where a run takes place. */
export interface Surroundings {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly parallel: number;
  readonly inputs: Inputs;
  readonly sizes: Sizes;
  /** How many flows there will be; null where nobody knows. */
  readonly flows: number | null;
  /** Absolute paths of the files that the keys list. */
  listed(): readonly string[];
  /** The id of each flow that has ended. */
  readonly finished$: Observable<string>;
}

/** Steps that are ready to run when there are no issues, and the end of what they hold. */
export interface MadeSteps {
  readonly steps: readonly Step[];
  /** Why some step can't work here; its place among the steps is left out. */
  readonly issues: readonly Issue[];
  close(): Promise<void>;
}

/** Makes every sound step. What can't work here is the caller's to report, with the mistakes found elsewhere. */
export async function makeSteps(
  checked: readonly CheckedStep[],
  options: UncheckedOptions,
  surroundings: Surroundings,
): Promise<MadeSteps> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    await Promise.allSettled(closers.splice(0).map((close) => close()));
  };
  try {
    const shared = checked.some(isConfig) ? await openShared(options, surroundings, closers) : null;
    const steps: Step[] = [];
    const issues: Issue[] = [];
    for (const [index, step] of checked.entries()) {
      if (step.kind === 'broken') continue;
      await collect(issues, async () => {
        const config = isConfig(step) && shared;
        const branches = checked.slice(0, index).some(mayBranch);
        const setup = config && { ...setupOf(step, index, shared), branches };
        if (!setup) return void steps.push(readyStep(options.steps[index]));
        const tariff = await tariffFor(step, index, shared);
        steps.push(await createStep(step, setup, tariff, closers));
      });
    }
    await collect(issues, async () => shared?.artefacts.prepare());
    if (shared) await tellLeftovers(shared);
    return { steps, issues, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What all the steps of a config share. */
interface Shared extends Surroundings {
  readonly options: UncheckedOptions;
  readonly artefacts: Artefacts;
  readonly simulation: Simulation | null;
  readonly notice: (line: string) => void;
}

async function openShared(
  options: UncheckedOptions,
  surroundings: Surroundings,
  closers: (() => Promise<void>)[],
): Promise<Shared> {
  const notice = once((line: string) => options.onNotice?.(line));
  const artefacts = new Artefacts(options.generated ?? 'generated');
  const simulation = await openSimulation(options.simulate ?? false);
  if (simulation) {
    closers.push(() => simulation.close());
    notice('simulated: every model answer comes from the embedded stand-in, none from a model');
  }
  return { ...surroundings, options, artefacts, simulation, notice };
}

/** What an earlier run couldn't end any more is the user's to end. */
async function tellLeftovers({ artefacts, notice }: Shared): Promise<void> {
  for (const line of await leftovers(artefacts.directory)) notice(line);
}

async function openSimulation(
  simulate: NonNullable<UncheckedOptions['simulate']>,
): Promise<Simulation | null> {
  if (simulate === false) return null;
  const { startSimulation } = await import('./simulate/start.js');
  return startSimulation(simulate === true ? {} : simulate);
}

async function createStep(
  step: ConfigStep,
  setup: Setup,
  tariff: LazyTariff | undefined,
  closers: (() => Promise<void>)[],
): Promise<Step> {
  const made = await step.create(setup);
  const { name, type } = step;
  if ('operator' in made) return operator(name, made.operator);
  if (made.close) closers.push(made.close);
  const run = type === 'module' ? made.run : ours(made.run);
  const shareable = made.basis?.shareable === true;
  if (step.share && !shareable) throw unshareable(step);
  return {
    ...made,
    ...optionsOf(step),
    kind: 'run',
    name,
    type,
    run: tariff ? priced(run, tariff) : run,
    ...(tariff && { tariff }),
    share: shareable && (step.share ?? setup.share),
  };
}

function unshareable({ where, type }: ConfigStep): ConfigError {
  const why =
    type === 'codex' ? 'a codex step that may write' : `a ${type} step, which may look at all of a flow,`;
  return new ConfigError([{ where: `${where}.share`, message: `${why} can't be shared; leave it out` }]);
}

/** When a call has ended, its price is there. */
function priced(run: StepFunction, tariff: LazyTariff): StepFunction {
  return async (flow, context) => {
    const working = run(flow, context);
    const price = tariff.ready();
    try {
      return await working;
    } finally {
      await price;
    }
  };
}

/** What goes wrong in a step of ours, and isn't foreseen there, is a fault of ours. */
function ours(run: StepFunction): StepFunction {
  return async (flow, context) => {
    try {
      return await run(flow, context);
    } catch (error) {
      throw error instanceof StepFailure
        ? error
        : new StepFailure('internal', messageOf(error), { cause: error });
    }
  };
}

/** What the config says of the step; undefined would overwrite what the step says of itself. */
function optionsOf({ timeout, retries, parallel, array }: ConfigStep): StepOptions {
  return {
    ...(timeout !== undefined && { timeout }),
    ...(retries !== undefined && { retries }),
    ...(parallel !== undefined && { parallel }),
    ...(array !== undefined && { array }),
  };
}

function setupOf(step: ConfigStep, index: number, shared: Shared): Omit<Setup, 'branches'> {
  const { options, cwd, inputs, sizes: _, notice, ...others } = shared;
  const { onDetail } = options;
  const rendering = { inputs, appendFilepath: options.appendFilepath ?? false };
  const appends = index > 0 && step.previous;
  return {
    where: step.where,
    folder: resolve(cwd, options.folder ?? '.'),
    workdir: resolve(cwd, options.workdir ?? '.'),
    ...others,
    keeps: options.store !== undefined || options.share === true || step.share === true,
    share: options.share ?? false,
    allow: {
      dirty: options.allowDirty ?? false,
      sharedWorkdir: options.allowSharedWorkdir ?? false,
      danger: options.allowDanger ?? false,
    },
    template: (text, folder) => templateOf(text, rendering, { folder }),
    prompt: (text, folder, apart) => (appends ? promptOf : templateOf)(text, rendering, { folder, apart }),
    notice,
    ...(onDetail && {
      detail: ({ id, index, branch }, line) => onDetail({ step: step.name, flow: id, index, branch, line }),
    }),
  };
}

/** A module may turn out to be an operator. */
function mayBranch(step: CheckedStep): boolean {
  return !isConfig(step) || step.array === true || step.type === 'module';
}

function readyStep(given: unknown): Step {
  if (isOperator(given)) return operator('operator', given);
  if (isStep(given)) return given;
  throw new TypeError('a step that was checked is no step');
}

/** The check saw a function or a step: more can't be known of either. */
function isOperator(given: unknown): given is OperatorFunction<Flow, Flow> {
  return typeof given === 'function';
}

function isStep(given: unknown): given is Step {
  return typeof given === 'object' && given !== null && 'kind' in given;
}

function isConfig(step: CheckedStep): step is ConfigStep {
  return step.kind === 'config';
}

/** Does the work; the issues that it finds join the others. */
async function collect(issues: Issue[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    issues.push(...error.issues);
  }
}

/** The same line is said once. */
function once(say: (line: string) => void): (line: string) => void {
  const said = new Set<string>();
  return (line) => {
    if (said.has(line)) return;
    said.add(line);
    say(line);
  };
}
