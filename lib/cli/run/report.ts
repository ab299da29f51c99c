import type { Observable } from 'rxjs';
import type { Stop } from '../../context/stop.js';
import { WriteFailure } from '../../errors.js';
import type { RunEvent } from '../../flow/events.js';
import type { ResultRecord } from '../../flow/record.js';
import { tokensIn } from '../../flow/spending.js';
import { formatMs } from '../../progress/durations.js';
import { progressParts, type RunPlan } from '../../progress/progress.js';
import { type StepFigures, type StepStatistics, statisticsOf } from '../../progress/step-statistics.js';
import type { Detail } from '../../run-options.js';
import { labelled, stepLabels } from '../../step/labels.js';
import { formatKnownUsd } from '../../util/dollars.js';
import { oneLine } from '../../util/text.js';
import { ExitCode, mergeExitCodes } from '../exit-codes.js';
import { coloursFor, type Streams } from '../output.js';
import { endBy } from '../print-error.js';
import { type Row, table } from '../table.js';
import { WriteError } from '../writer.js';
import { intervalFor } from './open-screen.js';
import type { RunView } from './request.js';
import type { Screen } from './screen.js';

/** Reasons to stop that are a limit set by the user or the provider. */
const LIMITS: readonly Stop['why'][] = ['failures', 'limit', 'budget'];

/** Reports a run to the user on stderr, and decides the exit code. */
export class Report {
  readonly #screen: Screen;
  readonly #view: RunView;
  readonly #streams: Streams;
  readonly #summary = new Summary();
  readonly #codes: ExitCode[] = [];
  #statistics: StepStatistics | undefined;
  #labels: readonly string[] = [];
  #balance: Stop['balance'];

  constructor(screen: Screen, view: RunView, streams: Streams) {
    this.#screen = screen;
    this.#view = view;
    this.#streams = streams;
  }

  /** The live line, from now on. */
  show(plan: RunPlan, events$: Observable<RunEvent>): void {
    this.#labels = stepLabels(plan.steps);
    this.#statistics = statisticsOf(events$, plan.steps);
    const interval = intervalFor(this.#view.progress, this.#streams);
    progressParts(events$, plan, interval).subscribe((state) => this.#screen.show(state));
  }

  add(record: ResultRecord): void {
    this.#summary.add(record);
  }

  /** The step's label, unique where several steps have one name. */
  labelOf({ step, stepIndex }: Detail): string {
    return this.#labels[stepIndex] ?? step;
  }

  /** The run admits no more flows. An error at its end tells the reason itself. */
  stopped({ why, message, cancels, isLast, balance }: Stop): void {
    if (!LIMITS.includes(why)) return;
    this.#codes.push(ExitCode.limitReached);
    this.#balance = balance;
    if (isLast) return;
    const rest = cancels ? 'are cancelled' : 'finish';
    this.#screen.say(`stopped: ${oneLine(message)}; flows in flight ${rest}`);
  }

  /** The user asked for the end, whatever the run was at. */
  interrupted(): void {
    this.#codes.push(ExitCode.interrupted);
  }

  /** The run ended with an error. A config that is wrong is the caller's to explain, and so is a fault of ours: it throws them. */
  failed(error: unknown): void {
    if (!(error instanceof WriteError || error instanceof WriteFailure)) throw error;
    const { code, lines } = endBy(error);
    this.#codes.push(code);
    for (const line of lines) this.#screen.say(`error: ${line}`);
  }

  /** Prints the closing report: figures by step, failures, the budget. */
  end(): ExitCode {
    const { stderr, env } = this.#streams;
    const { red } = coloursFor(stderr, env);
    const figures = this.#view.progress === 'none' ? [] : (this.#statistics?.figures() ?? []);
    for (const line of stepTable(figures)) stderr.write(`${oneLine(line)}\n`);
    for (const line of this.#summary.lines(this.#labels)) stderr.write(`${red(line)}\n`);
    if (this.#balance) stderr.write(`stopped at the budget: ${oneLine(this.#balance())}\n`);
    if (this.#summary.failed > 0) this.#codes.push(ExitCode.flowsFailed);
    return mergeExitCodes(this.#codes);
  }
}

interface Group {
  /** The failed step's position; null where none was reached. */
  readonly place: number | null;
  count: number;
  readonly first: ResultRecord;
}

/** Counts failures, by step and kind; keeps the first record of each, whatever the number of flows. */
export class Summary {
  readonly #groups = new Map<string, Group>();
  #failed = 0;

  get failed(): number {
    return this.#failed;
  }

  add(record: ResultRecord): void {
    if (record.status !== 'failed' || !record.error) return;
    this.#failed++;
    // A record has all steps up to the one that failed.
    const place = record.error.step === null ? null : Math.max(record.steps.length - 1, 0);
    const key = `${place} ${record.error.kind}`;
    const group = this.#groups.get(key);
    if (group) group.count++;
    else this.#groups.set(key, { place, count: 1, first: record });
  }

  /** One headline, then one line a group; empty when nothing failed. @param labels of the steps */
  lines(labels: readonly string[]): string[] {
    if (this.#failed === 0) return [];
    const groups = [...this.#groups.values()].map((group) => describeGroup(group, labels));
    return [`${this.#failed} failed:`, ...groups];
  }
}

/** `  draft: rate_limit x12, first in flow b1946ac92492d234: 429 … (hint)` */
function describeGroup({ place, count, first }: Group, labels: readonly string[]): string {
  const step = place === null ? 'before the first step' : (labels[place] ?? first.error?.step);
  const branch = first.branch ? ` branch ${first.branch.join('.')}` : '';
  const message = oneLine(first.error?.message ?? '');
  const hint = first.error?.hint ? ` (${oneLine(first.error.hint)})` : '';
  return `  ${oneLine(`${step}: ${first.error?.kind}`)} x${count}, first in flow ${first.flow}${branch}: ${message}${hint}`;
}

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
 * A table of each step's calls. Leaves empty columns out; and it is empty where no model was asked, or no step was
 * called twice: the records say as much then.
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
