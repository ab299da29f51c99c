import type { Input } from '../flow/flow.js';
import type { Store } from '../store/contract.js';
import { type FlowLine, flowHead } from '../store/flow-line.js';
import type { JournalView } from '../store/journal-view.js';
import { hashOf, OffsetTable } from '../store/offset-table.js';
import type { StepLine } from '../store/step-line.js';

type Inputs = Readonly<Record<string, Input>>;

/** A flow, or one of its branches. */
export interface FlowRef {
  readonly flow: string;
  readonly branch: readonly number[];
}

/** A line of the journal; of two, the one that stands further on is the newer. */
export interface Located<Line> {
  readonly line: Line;
  readonly offset: number;
}

/**
 * The journal's flows and steps beyond the results that have cache keys. Reads the journal on the first question only.
 */
export class JournalHistory {
  readonly #view: JournalView;
  #steps: OffsetTable | undefined;
  #flows: OffsetTable | undefined;

  constructor(view: JournalView) {
    this.#view = view;
  }

  /** The results of a flow in one of its branches, whatever their keys. */
  stepsOf(whose: FlowRef): readonly Located<StepLine>[] {
    this.#steps ??= this.#stepsByFlow();
    const head = flowHead(whose);
    const steps: Located<StepLine>[] = [];
    this.#steps.last(hashOf(head), (offset) => {
      const text = this.#view.steps.textAt(offset);
      if (flowIn(text) === head) steps.push({ line: JSON.parse(text), offset });
      return undefined;
    });
    return steps.sort((a, b) => a.offset - b.offset);
  }

  /** How it ended, the last time. */
  endOf(whose: FlowRef): Located<FlowLine> | undefined {
    const found = this.#view.flows.last(flowHead(whose));
    return found && { line: JSON.parse(found.text), offset: found.offset };
  }

  /** The ends of flows that had the same files, whatever was in them; the latest last. */
  like(inputs: Inputs): readonly Located<FlowLine>[] {
    this.#flows ??= this.#flowsByPaths();
    const paths = pathsOf(inputs);
    const found: Located<FlowLine>[] = [];
    this.#flows.last(hashOf(paths), (offset) => {
      const line = this.#flowAt(offset);
      if (pathsOf(line.inputs) === paths) found.push({ line, offset });
      return undefined;
    });
    return found.sort((a, b) => a.offset - b.offset);
  }

  /** The ends of all flows and branches, in order. */
  *ends(): Generator<FlowLine> {
    for (const offset of this.#view.flows.offsets()) yield this.#flowAt(offset);
  }

  #flowAt(offset: number): FlowLine {
    return JSON.parse(this.#view.flows.textAt(offset));
  }

  #stepsByFlow(): OffsetTable {
    const table = new OffsetTable();
    const { steps } = this.#view;
    for (const offset of steps.offsets()) table.add(hashOf(flowIn(steps.textAt(offset))), offset);
    return table;
  }

  #flowsByPaths(): OffsetTable {
    const table = new OffsetTable();
    const { flows } = this.#view;
    for (const offset of flows.offsets()) table.add(hashOf(pathsOf(this.#flowAt(offset).inputs)), offset);
    return table;
  }
}

/** The flow's part of a step's line: it stands there as in the line of a flow. */
function flowIn(line: string): string {
  return line.slice(line.indexOf('"flow":'), line.indexOf(']') + 1);
}

/** Equal for all flows that differ only in the contents of their files. */
export function pathsOf(inputs: Inputs): string {
  const paths = Object.entries(inputs).map(([name, { path, value }]) => [name, path, value]);
  return JSON.stringify(paths.sort());
}

/** A store in which results are found, and nothing is kept. */
export function readOnlyStore(view: JournalView): Store {
  return {
    find: (identity) => view.find(identity),
    saveStep: () => {},
    saveFlow: () => {},
    ready: () => null,
    failed: new Promise(() => {}),
    close: () => view.close(),
  };
}
