import { tokensIn } from '../../cost/spending.js';
import { formatMs } from '../../progress/durations.js';
import type { StepFigures } from '../../progress/step-statistics.js';
import { labelled } from '../../step/labels.js';
import { formatKnownUsd } from '../../util/dollars.js';
import { type Row, table } from '../table.js';

/** A heading, and a step's cell under it; null where there is nothing to say. */
type Column = readonly [heading: string, cell: (step: StepFigures) => Row[number]];

const COLUMNS: readonly Column[] = [
  ['STEP', ({ name }) => name],
  ['CALLS', ({ calls }) => calls],
  ['RETRIES', ({ retries }) => retries || null],
  ['TOKENS', ({ usage }) => tokensIn(usage) || null],
  ['CACHED', ({ cachedShare }) => shareText(cachedShare)],
  ['WRITTEN', ({ writtenShare }) => shareText(writtenShare)],
  ['COST', costText],
  ['P50', ({ p50 }) => msText(p50)],
  ['P95', ({ p95 }) => msText(p95)],
];

/**
 * What the calls of each step came to, a line each. Columns with nothing in them are left out; so is all of it where no
 * model was asked, or no step was called twice: records tell as much then.
 */
export function stepTable(steps: readonly StepFigures[]): string[] {
  if (!steps.some(asksModel) || !steps.some(({ calls }) => calls > 1)) return [];
  const columns = COLUMNS.filter(([, cell]) => steps.some((step) => cell(step) !== null));
  const rows = labelled(steps).map((step) => columns.map(([, cell]) => cell(step)));
  return table(
    columns.map(([heading]) => heading),
    rows,
  );
}

function shareText(share: number | null): string | null {
  return share ? `${Math.round(share * 100)}%` : null;
}

function msText(ms: number | null): string | null {
  return ms === null ? null : formatMs(ms);
}

function asksModel({ usage, costUsd }: StepFigures): boolean {
  return tokensIn(usage) > 0 || costUsd !== 0;
}

function costText({ costUsd, knownUsd }: StepFigures): string | null {
  return costUsd === 0 ? null : formatKnownUsd(knownUsd, costUsd !== null);
}
