import { resolve } from 'node:path';
import type { Observable } from 'rxjs';
import { checkPrices } from '../config/check-prices.js';
import type { Issue } from '../errors.js';
import { Contents } from '../inputs/contents.js';
import { type Identify, identifier } from '../inputs/identity.js';
import { Inputs } from '../inputs/inputs.js';
import type { Key } from '../inputs/key.js';
import { type Combination, product, productSize } from '../inputs/product.js';
import { Sizes } from '../inputs/sizes.js';
import { Lanes } from '../lanes/lanes.js';
import { isFolder } from '../processes/programs.js';
import { currentProcess } from '../processes/run-process.js';
import { ThroughputMeter } from '../progress/throughput.js';
import { DEFAULT_PARALLEL, type UncheckedOptions } from '../run-options.js';
import type { ReadInput, Step } from '../step/step.js';
import { optionIssues } from './check-options.js';
import { findingsOf, Notices, refuse } from './findings.js';
import { makeSteps } from './make-steps.js';

const NEVER = new AbortController().signal;

/** A run that was checked, and could start now. */
export interface Prepared {
  readonly steps: readonly Step[];
  readonly parallel: number;
  readonly combinations: Iterable<Combination>;
  /** How many flows there will be; null where it is unknown. */
  readonly total: number | null;
  readonly identify: Identify;
  readonly read: ReadInput;
  /** SHA-256 of the contents that were read, by file. */
  inputs(): Readonly<Record<string, string>>;
  /** Names of the steps whose output a later template asks for. */
  readonly kept: ReadonlySet<string>;
  readonly lanes: Lanes;
  /** Frees the steps' resources; called after the last record, once or more. */
  close(): Promise<void>;
}

/**
 * Checks all that can be checked before the first call. Rejects with a ConfigError that names every mistake.
 *
 * @param signal ends the programs that are asked meanwhile
 */
export async function prepare(
  options: UncheckedOptions,
  finished$: Observable<string>,
  signal: AbortSignal = NEVER,
): Promise<Prepared> {
  await refuse([...optionIssues(options), ...priceIssues(options)], options);
  const parallel = options.parallel ?? DEFAULT_PARALLEL;
  const { cwd, env } = currentProcess();
  const workdir = resolve(cwd, options.workdir ?? '.');
  const { loaded, checked, issues, warnings } = await findingsOf(options, cwd);
  const contents = new Contents();
  const inputs = new Inputs(loaded.keys, contents);
  const flows = productSize(loaded.keys);
  const notices = new Notices(options.onNotice);
  const { steps, close, ...made } = await makeSteps(
    checked.steps,
    { ...options, onNotice: notices.say },
    {
      cwd,
      env: options.env ?? env,
      parallel,
      inputs,
      sizes: new Sizes(loaded.keys),
      flows,
      listed: () => listedFiles(loaded.keys),
      finished$,
      signal,
    },
  );
  const lanes = lanesFor(steps, options);
  try {
    await refuse([...issues, ...(await withWorkdir(made.issues, workdir))], options);
    notices.release([...warnings, ...shareWarnings(options, flows), ...lanes.unused()]);
  } catch (error) {
    await close();
    throw error;
  }
  const place = steps[0] ?? null;
  return {
    steps,
    parallel,
    combinations: { [Symbol.iterator]: () => product(loaded.keys) },
    total: flows,
    identify: identifier({ keys: loaded.keys, contents, wanted: checked.contents, place }),
    read: (flow, key) => inputs.content(flow, key),
    inputs: () => contents.known(),
    kept: checked.kept,
    lanes,
    close,
  };
}

function priceIssues(options: UncheckedOptions): readonly Issue[] {
  return options?.prices === undefined ? [] : checkPrices(options.prices).issues;
}

/** Warns that a percentage counts as of 100 flows. */
function shareWarnings({ maxFailures }: UncheckedOptions, flows: number | null): Issue[] {
  if (typeof maxFailures !== 'string' || flows !== null) return [];
  const message = `the number of flows is unknown; ${maxFailures} is taken of 100 flows`;
  return [{ where: 'maxFailures', message }];
}

function lanesFor(steps: readonly Step[], { lanes: settings, maxWait }: UncheckedOptions): Lanes {
  const lanes = new Lanes({ settings, maxWait, meter: () => new ThroughputMeter() });
  for (const step of steps) if (step.kind === 'run' && step.lane) lanes.of(step.lane);
  return lanes;
}

function listedFiles(keys: readonly Key[]): readonly string[] {
  return keys.flatMap(({ base, paths }) => paths.map((path) => resolve(base, path)));
}

/** A working folder that is missing is one mistake, whether all steps stumble over it or none. */
async function withWorkdir(issues: readonly Issue[], workdir: string): Promise<readonly Issue[]> {
  if (await isFolder(workdir)) return issues;
  const others = issues.filter(({ message }) => !message.includes(`folder ${workdir} doesn't exist`));
  return [{ where: 'workdir', message: `no such folder: ${workdir}` }, ...others];
}
