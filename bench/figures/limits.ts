import { idealMs, type Scenario, scenarios } from '../limits/scenarios.js';
import { simulate } from '../limits/simulate.js';
import { row } from '../rows.js';
import type { Row, Size } from '../shapes.js';

/** What became of one kind of limit: against the shortest time for a client that knows it, and shares of 1. */
interface Result {
  readonly name: string;
  readonly group: Scenario['group'];
  readonly ratio: number;
  readonly refused: number;
  readonly lost: number;
}

const PARALLEL = 200;

/** Targets by group and number of calls: mean and worst ratio, mean and worst share of refused calls, percent. */
const TARGETS: Readonly<Record<string, readonly (number | undefined)[]>> = {
  'quiet 400': [1.12, 1.6, 3, 10],
  'quiet 4000': [1.06, undefined, 1.5],
  'announced 400': [1.05, undefined, 0.5],
  'announced 4000': [1.05, undefined, 0.5],
  'chance 400': [undefined, 2],
  'chance 4000': [undefined, 2],
};

/** The lanes against some ninety kinds of limits, in virtual time: the real gate and the real lane. */
export async function limits({ part }: Size): Promise<Row[]> {
  const sizes = part < 1 ? [400] : [400, 4000];
  return sizes.flatMap((calls) => {
    const results = scenarios.map((scenario) => resultOf(scenario, calls));
    for (const result of results) console.log(lineOf(result));
    const groups = [...new Set(results.map(({ group }) => group))];
    return groups.flatMap((group) =>
      rowsOf(
        `${group} ${calls}`,
        results.filter((each) => each.group === group),
      ),
    );
  });
}

function resultOf(scenario: Scenario, calls: number): Result {
  const { wallMs, answered, sent, refused } = simulate(scenario, calls, PARALLEL);
  const ratio = wallMs / idealMs(scenario, calls, PARALLEL);
  return {
    name: scenario.name,
    group: scenario.group,
    ratio,
    refused: refused / sent,
    lost: calls - answered,
  };
}

function lineOf({ name, ratio, refused, lost }: Result): string {
  const share = `${(100 * refused).toFixed(1)} %`;
  return `${name.padEnd(58)} ${ratio.toFixed(2).padStart(6)} ${share.padStart(7)}${lost > 0 ? ` ${lost} lost` : ''}`;
}

function rowsOf(what: string, results: readonly Result[]): Row[] {
  const ratios = results.map(({ ratio }) => ratio);
  const refused = results.map((each) => 100 * each.refused);
  const [mean, worst, meanRefused, worstRefused] = TARGETS[what] ?? [];
  const lost = results.reduce((sum, each) => sum + each.lost, 0);
  const finding = (title: string, value: number, atMost?: number) =>
    row({
      figure: 'limits',
      what: `${what} calls, ${results.length} kinds: ${title}`,
      ours: value.toFixed(2),
      value,
      ...(atMost !== undefined && { target: { atMost } }),
    });
  return [
    finding('time, geometric mean', geometricMean(ratios), mean),
    finding('time, worst', Math.max(...ratios), worst),
    finding('refused %, mean', refused.reduce((sum, each) => sum + each, 0) / refused.length, meanRefused),
    finding('refused %, worst', Math.max(...refused), worstRefused),
    finding('calls lost', lost, 0),
  ];
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, each) => sum + Math.log(each), 0) / values.length);
}
