import { resolve } from 'node:path';
import type { Flow, Input, StepRecord } from '../../flow/flow.js';
import { type ResultRecord, toRecord } from '../../flow/record.js';
import { Contents } from '../../inputs/contents.js';
import { JournalHistory } from '../../preview/history.js';
import type { StepIdentity } from '../../store/contract.js';
import { type EndedFlow, endedFlows } from '../../store/ended-flows.js';
import { unsigned } from '../../store/errors.js';
import { type FlowLine, flowHead, stepOf } from '../../store/flow-line.js';
import { type JournalView, viewJournal } from '../../store/journal-view.js';
import { readRunFile } from '../../store/run-file.js';
import { Signer } from '../../store/signer.js';
import type { FoundKey } from '../../store/user-key.js';
import { RunPaths } from './run-paths.js';
import { factsIn, filesIn, type ListedFiles, mayBranch } from './saved-run.js';

/** A record that a run has kept. */
export interface SavedRecord {
  readonly record: ResultRecord;
  /** Paths of inputs that have changed since. */
  readonly changed: readonly string[];
}

/**
 * The records of a run, in the order in which its flows and branches ended; the last one of each. Of flows that differ
 * only in their files' contents there is one: that of the last session if it was complete (so flows whose files are no
 * longer listed are left out, too), else the one whose files are unchanged, else the latest.
 *
 * @param warn is told where the user hasn't signed the run
 */
export async function* recordsIn(
  folder: string,
  { key, problem }: FoundKey,
  warn: (line: string) => void,
): AsyncGenerator<SavedRecord> {
  const signer = key && new Signer(key, folder);
  const file = await readRunFile(folder, signer).catch(() => null); // without it the records can be had all the same
  const listed = filesIn(file, new RunPaths(folder));
  const complete = factsIn(file).flows && listed;
  const now = new InputsNow(listed.bases);
  const view = await viewJournal(folder, signer);
  const past = new JournalHistory(view);
  try {
    if (!view.isSigned || file?.isSigned === false) warn(unsigned(folder, problem));
    for (const ended of endedFlows(view)) {
      if (complete && !isCurrent(ended, complete)) continue;
      if (mayBranch(file) && isOutdated(ended, view)) continue;
      const changed = await now.changed(ended.inputs);
      if (!complete && changed.length > 0 && (await isReplaced(ended, past, now))) continue;
      yield { record: recordOf(ended), changed };
    }
  } finally {
    await view.close();
  }
}

/** True if another flow had the same files with other contents: the current ones, or later ones. */
async function isReplaced(ended: EndedFlow, past: JournalHistory, now: InputsNow): Promise<boolean> {
  const own = past.endOf(ended)?.offset ?? 0;
  for (const { line, offset } of past.like(ended.inputs)) {
    if (!hasOtherContents(line, ended)) continue;
    if (offset > own || (await now.changed(line.inputs)).length === 0) return true;
  }
  return false;
}

function hasOtherContents(one: Pick<EndedFlow, 'inputs'>, other: Pick<EndedFlow, 'inputs'>): boolean {
  return Object.entries(one.inputs).some(([key, { sha256 }]) => sha256 !== other.inputs[key]?.sha256);
}

/** True if all files of a flow are listed by a complete session and have the same contents. */
function isCurrent({ inputs }: EndedFlow, { bases, inputs: hashes }: ListedFiles): boolean {
  const keys = Object.keys(bases);
  return (
    Object.keys(inputs).length === keys.length &&
    keys.every((key) => {
      const { path = null, sha256 } = inputs[key] ?? {};
      return path !== null && (hashes[resolve(bases[key] ?? '', path)] ?? null) === sha256;
    })
  );
}

/** The record of a flow that has ended, as it was printed then. */
function recordOf(ended: EndedFlow): ResultRecord {
  return toRecord(flowOf(ended), ended.steps.at(-1)?.record.name, ended.ms);
}

/** As it stood before its record was made, with the clock at zero when it was admitted. */
function flowOf({ flow: id, index, branch, inputs, status, output, steps, error }: EndedFlow): Flow {
  return {
    id,
    index,
    branch,
    inputs,
    output: output ?? '',
    status: status === 'done' ? 'live' : status,
    steps: steps.map(({ record }) => record),
    outputs: {},
    error,
    startedAt: 0,
  };
}

type Branch = readonly number[];

/** A branch at one of its steps; null where the journal has nothing about it. */
interface Passed {
  readonly branch: string;
  /** The cache key of its result; empty where it failed. */
  readonly key: string;
}

/** As deep as branches are looked for below a branch. */
const DEEPEST = 8;

/**
 * True if a later session replaced the branch: it came through the same steps with other results, and to other
 * branches. (A list became shorter, or a step that had failed brought branches.)
 */
function isOutdated(ended: EndedFlow, { flows }: JournalView): boolean {
  const { flow, branch } = ended;
  const own = flows.last(flowHead(ended))?.offset ?? 0;
  return relatives(branch).some((relative) => {
    const later = flows.last(flowHead({ flow, branch: relative }));
    return later !== undefined && later.offset > own && contradicts(JSON.parse(later.text), ended);
  });
}

/** Its ancestors, and the first descendants of each, one of which exists if any does. */
function relatives(branch: Branch): Branch[] {
  const above = Array.from({ length: branch.length + 1 }, (_, depth) => branch.slice(0, depth));
  const all = above.flatMap((each) => [each, ...firstsBelow(each)]);
  return all.filter((each) => each.join() !== branch.join());
}

function firstsBelow(branch: Branch): Branch[] {
  return Array.from({ length: DEEPEST - branch.length }, (_, depth) => [
    ...branch,
    ...Array(depth + 1).fill(0),
  ]);
}

function contradicts(later: FlowLine, earlier: EndedFlow): boolean {
  if (later.status === 'dropped' || earlier.status === 'dropped') return true;
  const steps = later.steps.map((step) => stepOf(later, step));
  return earlier.steps.some((step, place) => {
    const before = passedAt('key' in step ? step : step.record, earlier.branch);
    const after = steps[place] && passedAt(steps[place], later.branch);
    return before && after && before.branch === after.branch && before.key !== after.key;
  });
}

function passedAt(step: StepIdentity | StepRecord, branch: Branch): Passed | null {
  if ('key' in step) return { branch: step.branch.join(), key: `${step.key} ${step.occurrence}` };
  return step.status === 'done' ? null : { branch: branch.join(), key: '' };
}

type Inputs = Readonly<Record<string, Input>>;

/** Finds inputs that differ from those that a run has read. Reads each file once. */
class InputsNow {
  readonly #bases: Readonly<Record<string, string>>;
  readonly #contents = new Contents();

  /** @param bases absolute folders that the keys' paths lead from, by the key's name */
  constructor(bases: Readonly<Record<string, string>>) {
    this.#bases = bases;
  }

  /** Paths whose file has changed, or is missing. Those of keys without a recorded folder count as unchanged. */
  async changed(inputs: Inputs): Promise<string[]> {
    const changed: string[] = [];
    for (const [key, { path, sha256 }] of Object.entries(inputs)) {
      const base = this.#bases[key];
      if (path === null || base === undefined) continue;
      if ((await this.#hash(key, path, base)) !== sha256) changed.push(path);
    }
    return changed;
  }

  /** Null where it can't be read. */
  async #hash(key: string, path: string, base: string): Promise<string | null> {
    try {
      return await this.#contents.hash({ key, file: resolve(base, path), path }, false);
    } catch {
      return null;
    }
  }
}
