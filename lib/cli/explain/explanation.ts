import { ConfigError, type Issue } from '../../errors.js';
import type { Flow } from '../../flow/flow.js';
import { inputsText } from '../../flow/flow-text.js';
import type { Prepared } from '../../prepare/prepare.js';
import { type JournalHistory, pathsOf } from '../../preview/history.js';
import type { Reason } from '../../preview/miss-reasons.js';
import type { ResumePreview, StepPreview } from '../../preview/preview.js';
import { stepLabels } from '../../step/labels.js';
import { oneLine } from '../../util/text.js';
import { BestFits, type Choosable, type FlowChoice } from './flow-choice.js';
import { reasonOfMany, reasonOfOne } from './reasons.js';

/** A prepared run and its preview. */
export interface Explained {
  readonly prepared: Pick<Prepared, 'steps' | 'combinations' | 'identify'>;
  readonly preview: ResumePreview;
  /** The history of the run. */
  readonly past: JournalHistory;
}

/** Up to this many flows are explained one by one. */
const FEW = 10;

/** So many flows are named where one was to be chosen. */
const NAMED = 5;

/** Totals by step, and each flow where they are few; lines. */
export async function* explanationOfAll({ prepared, preview }: Explained): AsyncGenerator<string> {
  const names = stepLabels(prepared.steps.map(({ name }) => name));
  const totals = new PreviewTotals(names);
  const first: string[] = [];
  let count = 0;
  for await (const flow of flowsOf(prepared)) {
    const foreseen = preview.of(flow);
    totals.add(foreseen);
    count++;
    if (count <= FEW) first.push('', ...flowLines(flow, foreseen, names));
  }
  yield* totals.lines();
  if (count <= FEW) yield* first;
}

interface ForeseenFlow extends Choosable {
  readonly foreseen: readonly StepPreview[];
}

/** Explains the chosen flow; lines. Throws a ConfigError, with a list, where none matches, or several do. */
export async function* explanationOf(choice: FlowChoice, explained: Explained): AsyncGenerator<string> {
  const { prepared, preview, past } = explained;
  const names = stepLabels(prepared.steps.map(({ name }) => name));
  const before = keptFlows(choice, past);
  const paths = new Set(before.map(({ inputs }) => pathsOf(inputs)));
  const now = new BestFits<ForeseenFlow>(choice, ({ id }) => id);
  const successors = new Map<string, ForeseenFlow>();
  const first: Choosable[] = [];
  for await (const flow of flowsOf(prepared)) {
    const { id, inputs } = flow;
    const foreseen = { id, inputs, foreseen: preview.of(flow) }; // of each: those before it may share its calls
    now.add(foreseen);
    if (paths.has(pathsOf(inputs))) successors.set(pathsOf(inputs), foreseen);
    if (first.length <= NAMED) first.push(foreseen);
  }
  const found = now.flows.length > 0 ? now.flows : before;
  const [flow, ...others] = found;
  if (!flow) throw noFlow(choice, first);
  if (others.length > 0) throw severalFlows(choice, found);
  const successor = now.flows[0] ?? successors.get(pathsOf(flow.inputs));
  if (successor !== flow) yield oneLine(`${headingOf(flow)}: ${whatBecameOf(flow, successor)}`);
  if (successor) yield* flowLines(successor, successor.foreseen, names);
}

/** Matching flows that ended before; of flows that differ only in their files' contents, the last one. */
function keptFlows(choice: FlowChoice, past: JournalHistory): readonly Choosable[] {
  const fits = new BestFits<Choosable>(choice, ({ inputs }) => pathsOf(inputs));
  for (const { flow: id, inputs } of past.ends()) fits.add({ id, inputs });
  return fits.flows;
}

function whatBecameOf({ inputs }: Choosable, successor: Choosable | undefined): string {
  if (!successor) return "a resume doesn't run it: its inputs are no longer listed";
  const changed = Object.entries(inputs).flatMap(([key, { path, sha256 }]) =>
    sha256 === successor.inputs[key]?.sha256 ? [] : [`${path} ({{{${key}}}})`],
  );
  const why = changed.length > 0 ? `${changed.join(' and ')} changed since; ` : '';
  return `${why}it is flow ${successor.id} now`;
}

async function* flowsOf({ combinations, identify }: Explained['prepared']): AsyncGenerator<Flow> {
  for (const combination of combinations) yield await identify(combination, 0);
}

function noFlow({ text }: FlowChoice, flows: readonly Choosable[]): ConfigError {
  const message = `no flow matches ${JSON.stringify(text)}${flows.length > 0 ? '; the flows are:' : ': the run has no flows'}`;
  return new ConfigError([{ where: '', message }, ...listOf(flows)]);
}

function severalFlows({ text }: FlowChoice, flows: readonly Choosable[]): ConfigError {
  const message = `several flows match ${JSON.stringify(text)}; name one by its id, or by more KEY=VALUE pairs:`;
  return new ConfigError([{ where: '', message }, ...listOf(flows)]);
}

function listOf(flows: readonly Choosable[]): Issue[] {
  const named = flows.slice(0, NAMED).map(headingOf);
  return [...named, ...(flows.length > NAMED ? ['…'] : [])].map((message) => ({ where: '', message }));
}

/** One flow, step by step. @param names of the steps */
function flowLines(chosen: Choosable, foreseen: readonly StepPreview[], names: readonly string[]): string[] {
  const flow = headingOf(chosen);
  if (foreseen.every(({ verdict }) => verdict === 'replayed')) return [`${flow}: replayed`];
  return [flow, ...foreseen.map((each) => `  ${oneLine(stepLine(each, names))}`)];
}

/** `flow 8ec7202c7e27e0a9, file cart.js, rule errors.md` */
function headingOf({ id, inputs }: Choosable): string {
  return [`flow ${id}`, inputsText(inputs)].filter((part) => part !== '').join(', ');
}

/** `draft [2]: runs, since the flow is new` */
function stepLine({ place, branch, verdict, reason }: StepPreview, names: readonly string[]): string {
  const name = `${names[place]}${branch.length > 0 ? ` [${branch.join('.')}]` : ''}`;
  return `${name}: ${verdict}${reason ? `, since ${reasonOfOne(reason)}` : ''}`;
}

interface Group {
  readonly reason: Reason;
  count: number;
}

type Verdict = StepPreview['verdict'];

const VERDICTS: readonly Verdict[] = ['replayed', 'shared', 'runs', 'open', 'fails'];

/** Counts a resume's actions, step by step, whatever the number of flows. */
export class PreviewTotals {
  readonly #names: readonly string[];
  readonly #steps: readonly StepTotals[];

  /** @param names of the steps */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.#steps = names.map(() => new StepTotals());
  }

  add(foreseen: readonly StepPreview[]): void {
    for (const each of foreseen) this.#steps[each.place]?.add(each);
  }

  /** `draft: 340 replayed, 2 run: 1 new flow, 1 with a changed {{{doc}}}` */
  lines(): string[] {
    return this.#steps.map((step, place) => `${this.#names[place]}: ${step.text()}`);
  }
}

class StepTotals {
  readonly #counts = new Map<Verdict, number>();
  /** By verdict and reason: there are few. */
  readonly #groups = new Map<Verdict, Map<string, Group>>();

  add({ verdict, reason }: StepPreview): void {
    this.#counts.set(verdict, (this.#counts.get(verdict) ?? 0) + 1);
    if (!reason) return;
    const groups = this.#groups.get(verdict) ?? new Map<string, Group>();
    this.#groups.set(verdict, groups);
    const said = reasonOfMany(reason, 1);
    const group = groups.get(said) ?? { reason, count: 0 };
    groups.set(said, group);
    group.count++;
  }

  text(): string {
    const parts = VERDICTS.flatMap((verdict) => {
      const count = this.#counts.get(verdict) ?? 0;
      return count > 0 ? [`${count} ${said(verdict, count)}${this.#reasons(verdict)}`] : [];
    });
    return parts.join(', ') || 'nothing to do';
  }

  #reasons(verdict: Verdict): string {
    const groups = [...(this.#groups.get(verdict)?.values() ?? [])].sort((a, b) => b.count - a.count);
    const [first, second] = groups;
    if (first && !second) return `: ${reasonOfMany(first.reason, first.count)}`;
    const texts = groups.map(({ reason, count }) => `${count} ${reasonOfMany(reason, count)}`);
    return texts.length > 0 ? `: ${texts.join(', ')}` : '';
  }
}

function said(verdict: Verdict, count: number): string {
  if (verdict === 'runs' && count > 1) return 'run';
  return verdict === 'fails' && count > 1 ? 'fail' : verdict;
}
