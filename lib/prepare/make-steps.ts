import type { OperatorFunction } from 'rxjs';
import { type CheckedStep, isConfig } from '../config/checked.js';
import { ConfigError, type Issue } from '../errors.js';
import type { Flow } from '../flow/flow.js';
import { leftovers } from '../processes/leftovers.js';
import { sweep } from '../processes/sweep.js';
import type { UncheckedOptions } from '../run-options.js';
import { operator, type Step } from '../step/step.js';
import type { Artefacts } from '../steps/artefacts.js';
import { pricingFor } from './make-pricing.js';
import { makeStep } from './make-step.js';
import { promptSizeOf } from './prompt-size.js';
import { openShared, type RunEnvironment, type RunResources, setupOf } from './step-setup.js';

/** Steps that are ready to run when there are no issues, and the function that frees their resources. */
export interface MadeSteps {
  readonly steps: readonly Step[];
  /** Why some step can't work here; its place among the steps is left out. */
  readonly issues: readonly Issue[];
  close(): Promise<void>;
}

/** Makes every sound step. The caller reports the issues of the others, with the mistakes found elsewhere. */
export async function makeSteps(
  checked: readonly CheckedStep[],
  options: UncheckedOptions,
  surroundings: RunEnvironment,
): Promise<MadeSteps> {
  const closers: (() => Promise<void>)[] = [];
  let artefacts: Artefacts | undefined;
  const close = async () => {
    await Promise.allSettled(closers.splice(0).map((close) => close()));
    await sweep();
    await artefacts?.close(); // the others may leave something in it
  };
  try {
    const shared = checked.some(isConfig) ? await openShared(options, surroundings, closers) : null;
    artefacts = shared?.artefacts;
    const keyNames = checked.filter(isConfig).flatMap(({ modelCall }) => modelCall?.keyName ?? []);
    const steps: Step[] = [];
    const issues: Issue[] = [];
    for (const [index, step] of checked.entries()) {
      if (step.kind === 'broken') continue;
      await collect(issues, async () => {
        const config = isConfig(step) && shared;
        const branches = checked.slice(0, index).some(mayBranch);
        const setup = config && { ...setupOf(step, index, shared), branches, keyNames };
        if (!setup) return void steps.push(readyStep(options.steps[index]));
        const pricing = await pricingFor(step, index, shared);
        const sizeOf = promptSizeOf(step, index > 0 && step.previous, shared.sizes);
        steps.push(await makeStep(step, setup, pricing, closers, sizeOf));
      });
    }
    if (shared) await openFolder(checked, shared, issues);
    return { steps, issues, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Makes the folder for artefacts where it is needed, and reports processes that an earlier run left running there. */
async function openFolder(
  checked: readonly CheckedStep[],
  { options, artefacts, notice }: RunResources,
  issues: Issue[],
): Promise<void> {
  const leavesFiles = checked.some((step) => isConfig(step) && step.leavesFiles);
  if (options.store || leavesFiles) await collect(issues, () => artefacts.prepare());
  for (const line of await leftovers(artefacts.directory)) notice(line);
}

/** A module may turn out to be an operator. */
function mayBranch(step: CheckedStep): boolean {
  return !isConfig(step) || step.array === true || step.type === 'module';
}

function readyStep(given: unknown): Step {
  if (isOperator(given)) return operator('operator', given);
  if (isStep(given)) return given;
  throw new TypeError('not a step: a checked step of another kind');
}

/** The check saw a function or a step: more can't be known of either. */
function isOperator(given: unknown): given is OperatorFunction<Flow, Flow> {
  return typeof given === 'function';
}

function isStep(given: unknown): given is Step {
  return typeof given === 'object' && given !== null && 'kind' in given;
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
