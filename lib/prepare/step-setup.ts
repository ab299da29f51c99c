import { resolve } from 'node:path';
import type { Observable } from 'rxjs';
import type { ConfigStep } from '../config/checked.js';
import type { Inputs } from '../inputs/inputs.js';
import type { Sizes } from '../inputs/sizes.js';
import { DEFAULT_GENERATED, type UncheckedOptions } from '../run-options.js';
import { startSimulation } from '../simulate/server.js';
import type { Simulation } from '../simulate/simulation.js';
import { Artefacts } from '../steps/artefacts.js';
import type { StepEnvironment } from '../steps/contract.js';
import { promptOf, templateOf } from './rendering.js';

/** Where a run takes place. */
export interface RunEnvironment {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly parallel: number;
  readonly inputs: Inputs;
  readonly sizes: Sizes;
  /** How many flows there will be; null where it is unknown. */
  readonly flows: number | null;
  /** Absolute paths of the files that the keys list. */
  listed(): readonly string[];
  /** The id of each flow that has ended. */
  readonly finished$: Observable<string>;
  /** Its abort ends the programs that the checks have started. */
  readonly signal: AbortSignal;
}

/** Resources that all steps of a config share. */
export interface RunResources extends RunEnvironment {
  readonly options: UncheckedOptions;
  readonly artefacts: Artefacts;
  readonly simulation: Simulation | null;
  readonly notice: (line: string) => void;
}

/** `closers` are called when the run has ended. */
export async function openShared(
  options: UncheckedOptions,
  surroundings: RunEnvironment,
  closers: (() => Promise<void>)[],
): Promise<RunResources> {
  const notice = once((line: string) => options.onNotice?.(line));
  const artefacts = new Artefacts(options.generated ?? DEFAULT_GENERATED);
  await artefacts.open();
  const simulation = await openSimulation(options.simulate ?? false);
  if (simulation) {
    closers.push(() => simulation.close());
    notice('simulated: every answer comes from the embedded stand-in, none from a model');
  }
  return { ...surroundings, options, artefacts, simulation, notice };
}

async function openSimulation(
  simulate: NonNullable<UncheckedOptions['simulate']>,
): Promise<Simulation | null> {
  if (simulate === false) return null;
  return startSimulation(simulate === true ? {} : simulate);
}

/** The environment that a step is made with. */
export function setupOf(
  step: ConfigStep,
  index: number,
  shared: RunResources,
): Omit<StepEnvironment, 'branches' | 'keyNames'> {
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
    before: Object.values(options.before ?? {}).map(({ fixed }) => fixed),
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
      detail: ({ id, index: position, branch }, line) =>
        onDetail({ step: step.name, stepIndex: index, flow: id, index: position, branch, line }),
    }),
  };
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
