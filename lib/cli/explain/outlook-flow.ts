import { inputsText } from '../../flow/flow-text.js';
import type { Foreseen } from '../../preview/preview.js';
import { oneLine } from '../../util/text.js';
import type { Choosable } from './flow-choice.js';
import { reasonOfOne } from './reasons.js';

/** One flow, step by step. @param names of the steps */
export function flowLines(
  chosen: Choosable,
  foreseen: readonly Foreseen[],
  names: readonly string[],
): string[] {
  const flow = headingOf(chosen);
  if (foreseen.every(({ verdict }) => verdict === 'replayed')) return [`${flow}: replayed`];
  return [flow, ...foreseen.map((each) => `  ${oneLine(stepLine(each, names))}`)];
}

/** `flow 8ec7202c7e27e0a9, file cart.js, rule errors.md` */
export function headingOf({ id, inputs }: Choosable): string {
  return [`flow ${id}`, inputsText(inputs)].filter((part) => part !== '').join(', ');
}

/** `draft [2]: runs, since the flow is new` */
function stepLine({ place, branch, verdict, reason }: Foreseen, names: readonly string[]): string {
  const name = `${names[place]}${branch.length > 0 ? ` [${branch.join('.')}]` : ''}`;
  return `${name}: ${verdict}${reason ? `, since ${reasonOfOne(reason)}` : ''}`;
}
