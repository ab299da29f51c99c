import { ConfigError } from '../../errors.js';
import type { Flow } from '../../flow.js';
import type { Outlook } from '../../outlook/outlook.js';
import type { Prepared } from '../../prepare/prepare.js';
import { stepLabels } from '../../step-labels.js';
import { flowLines } from './outlook-flow.js';
import { OutlookTotals } from './outlook-totals.js';

/** What would be run, and what is foreseen of it. */
export interface Explained {
  readonly prepared: Pick<Prepared, 'steps' | 'combinations' | 'identify'>;
  readonly outlook: Outlook;
}

/** So many flows are told one by one. */
const FEW = 10;

/** Totals by step, and each flow where they are few; lines. */
export async function* explanationOfAll({ prepared, outlook }: Explained): AsyncGenerator<string> {
  const names = stepLabels(prepared.steps.map(({ name }) => name));
  const totals = new OutlookTotals(names);
  const first: string[] = [];
  let count = 0;
  for await (const flow of flowsOf(prepared)) {
    const foreseen = outlook.of(flow);
    totals.add(foreseen);
    count++;
    if (count <= FEW) first.push('', ...flowLines(flow, foreseen, names));
  }
  yield* totals.lines();
  if (count <= FEW) yield* first;
}

/** The flow that is meant, by its id or the beginning of that. Throws a ConfigError where there is none. */
export async function* explanationOf(
  meant: string,
  { prepared, outlook }: Explained,
): AsyncGenerator<string> {
  const names = stepLabels(prepared.steps.map(({ name }) => name));
  let found = false;
  for await (const flow of flowsOf(prepared)) {
    const foreseen = outlook.of(flow); // of each: those before it may share its calls
    if (!flow.id.startsWith(meant)) continue;
    found = true;
    yield* flowLines(flow, foreseen, names);
  }
  if (!found) throw new ConfigError([{ where: '', message: noFlow(meant) }]);
}

async function* flowsOf({ combinations, identify }: Explained['prepared']): AsyncGenerator<Flow> {
  for (const combination of combinations) yield await identify(combination, 0);
}

function noFlow(meant: string): string {
  const named = JSON.stringify(meant);
  return `no flow ${named} is there now; a flow whose file has changed, or isn't listed any more, is none of the run's`;
}
