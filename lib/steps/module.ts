import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Observable } from 'rxjs';
import * as z from 'zod';
import { ConfigError, messageOf, StepFailure } from '../errors.js';
import { wholeFlow } from '../step/fingerprint.js';
import { type OperatorStep, runWith, type Step, type StepFunction, type StepMaker } from '../step/step.js';
import { deferred } from '../util/deferred.js';
import { runAs, runAsOurs } from '../util/user-code.js';
import type { CommonFields, Operating, StepBody, StepEnvironment, StepType } from './contract.js';
import { fileDigest, inputDigests, inputsField } from './file-digests.js';

interface ModuleConfig extends CommonFields {
  readonly module: string;
  readonly options?: unknown;
  readonly inputs?: readonly string[] | undefined;
}

/** Characters; outputs are held in memory, one for each flow in flight. */
const MOST_OUTPUT = 64 * 2 ** 20;

const HOW = 'make it with step, operator or (for options) defineStep';

/** A step of the user's own: the default export of a module, made with `step`, `operator` or `defineStep`. */
export const module: StepType<ModuleConfig, StepBody | Operating> = {
  type: 'module',
  fields: z.object({
    module: z
      .string()
      .min(1)
      .describe(
        'A file (./score.mjs) or a package, whose default export is a step, an operator or a defineStep().',
      ),
    options: z.unknown().optional().describe('Options for a step that was made with defineStep.'),
    inputs: inputsField,
  }),
  paths: [],
  readsAnyKey: true,
  templates: () => [],
  async create({ module, options, inputs }, setup) {
    const file = await locate(module, setup);
    const exported = await defaultExport(module, file, setup);
    const fingerprint = wholeFlow({
      type: 'module',
      file: await fileDigest(fileURLToPath(file)),
      options,
      inputs: await inputDigests(inputs, setup),
    });
    if (isMaker(exported)) {
      const run = runWith(exported.definition, options, `${setup.where}.options`);
      return { run: named(run, module, setup), fingerprint };
    }
    if (!isStep(exported))
      throw wrong(setup, 'module', `the default export of ${module} isn't a step; ${HOW}`);
    if (options !== undefined) throw wrong(setup, 'options', `${module} takes none; ${HOW}`);
    return exported.kind === 'operator'
      ? { ...exported, operator: watched(exported.operator, module) }
      : { ...exported, run: named(exported.run, module, setup), fingerprint };
  },
};

async function defaultExport(module: string, url: string, setup: StepEnvironment): Promise<unknown> {
  try {
    const exports: { default?: unknown } = await import(url);
    return exports.default;
  } catch (error) {
    throw unusable(module, error, setup);
  }
}

/** A path against the config's folder, a package as a file in that folder would find it; a URL. */
async function locate(module: string, setup: StepEnvironment): Promise<string> {
  const { folder } = setup;
  if (/^\.{0,2}\/|^\.{1,2}$/.test(module)) return pathToFileURL(resolve(folder, module)).href;
  const { resolve: resolvePackage } = await import('import-meta-resolve');
  try {
    return resolvePackage(module, pathToFileURL(resolve(folder, 'config')).href);
  } catch (error) {
    throw unusable(module, error, setup);
  }
}

function unusable(module: string, error: unknown, setup: StepEnvironment): ConfigError {
  const lines = messageOf(error)
    .replace(/ imported from .*/s, '')
    .split('\n');
  const why = error instanceof ConfigError ? lines.join('; ') : (lines[0] ?? '');
  const isMissing = why.startsWith('Cannot find');
  const way = '; a path is relative to the file that names it, and a package is looked up from there';
  return wrong(setup, 'module', `cannot load ${module}: ${why}${isMissing ? way : ''}`);
}

function isMaker(exported: unknown): exported is StepMaker<unknown> {
  return typeof exported === 'function' && 'definition' in exported;
}

function isStep(exported: unknown): exported is Step {
  if (typeof exported !== 'object' || exported === null || !('kind' in exported)) return false;
  const { kind, run, operator }: { kind: unknown; run?: unknown; operator?: unknown } = exported;
  return (kind === 'run' && isFunction(run)) || (kind === 'operator' && isFunction(operator));
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

/** Errors of a module name it, also those that no caller catches: they fail the flow that it worked for. */
function named(run: StepFunction, module: string, { notice }: StepEnvironment): StepFunction {
  return async (flow, context) => {
    const unheard = deferred<never>();
    let ended = false;
    const fail = (error: unknown) => {
      if (ended)
        notice(`warning: ${module}, after the end of flow ${flow.id}: ${unheardOf(module, error).message}`);
      unheard.reject(unheardOf(module, error));
    };
    try {
      const work = runAs({ name: `${module} in flow ${flow.id}`, fail }, () => run(flow, context));
      return bounded(await Promise.race([work, unheard.promise]), module);
    } catch (error) {
      if (error instanceof StepFailure) throw error;
      throw new StepFailure('operator', `${module} threw: ${messageOf(error)}`, { cause: error });
    } finally {
      ended = true;
    }
  };
}

/** The same for an operator: an error fails the branches inside. */
function watched(operator: OperatorStep['operator'], module: string): OperatorStep['operator'] {
  return (flow$) =>
    new Observable((subscriber) => {
      const fail = (error: unknown) => subscriber.error(unheardOf(module, error));
      const code = { name: module, fail };
      return runAs(code, () =>
        operator(flow$).subscribe({
          next: (flow) => runAsOurs(() => subscriber.next(flow)),
          error: (error) => runAsOurs(() => subscriber.error(error)),
          complete: () => runAsOurs(() => subscriber.complete()),
        }),
      );
    });
}

function unheardOf(module: string, error: unknown): StepFailure {
  const message = `${module} threw, or rejected a promise, where nothing handles it: ${messageOf(error)}`;
  return new StepFailure('operator', message, {
    cause: error,
    hint: 'Await the promise, or catch its error.',
  });
}

/** Limits the output's length; an output that isn't a text is reported elsewhere. */
function bounded(output: string, module: string): string {
  if (typeof output !== 'string' || output.length <= MOST_OUTPUT) return output;
  throw new StepFailure('bad_output', `the output of ${module} has more than ${MOST_OUTPUT} characters`, {
    hint: 'Have it write a file, and return the path.',
  });
}

function wrong({ where }: StepEnvironment, field: string, message: string): ConfigError {
  return new ConfigError([{ where: `${where}.${field}`, message }]);
}
