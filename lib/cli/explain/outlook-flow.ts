import type { Flow } from '../../flow.js';
import { inputsText } from '../../flow-text.js';
import { oneLine } from '../../one-line.js';
import type { Foreseen } from '../../outlook/outlook.js';
import { reasonOfOne } from './reasons.js';

/** One flow, step by step. @param names of the steps */
export function flowLines(
  { id, inputs }: Flow,
  foreseen: readonly Foreseen[],
  names: readonly string[],
): string[] {
  const flow = [`flow ${id}`, inputsText(inputs)].filter((part) => part !== '').join(', ');
  if (foreseen.every(({ verdict }) => verdict === 'replayed')) return [`${flow}: replayed`];
  return [flow, ...foreseen.map((each) => `  ${oneLine(stepLine(each, names))}`)];
}

/** `draft [2]: runs, since the flow is new` */
function stepLine({ place, branch, verdict, reason }: Foreseen, names: readonly string[]): string {
  const name = `${names[place]}${branch.length > 0 ? ` [${branch.join('.')}]` : ''}`;
  return `${name}: ${verdict}${reason ? `, since ${reasonOfOne(reason)}` : ''}`;
}
