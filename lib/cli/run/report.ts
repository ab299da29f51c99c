import type { Observable } from 'rxjs';
import type { Stop } from '../../context/stop.js';
import { WriteFailure } from '../../errors.js';
import type { RunEvent } from '../../flow/events.js';
import type { ResultRecord } from '../../flow/record.js';
import { progressParts, type RunPlan } from '../../progress/progress.js';
import { type StepStatistics, statisticsOf } from '../../progress/step-statistics.js';
import type { Detail } from '../../run-options.js';
import { stepLabels } from '../../step/labels.js';
import { oneLine } from '../../util/text.js';
import { ExitCode, mergeExitCodes } from '../exit-codes.js';
import { coloursFor, type Streams } from '../output.js';
import { endBy } from '../print-error.js';
import { WriteError } from '../writer.js';
import { intervalFor } from './open-screen.js';
import type { RunView } from './request.js';
import type { Screen } from './screen.js';
import { stepTable } from './step-table.js';
import { Summary } from './summary.js';

/** Somebody had set a limit. */
const LIMITS: readonly Stop['why'][] = ['failures', 'limit', 'budget'];

/** What the user is told of a run on stderr, and what the process ends with. */
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

  /** What people call a step, also where several have one name. */
  labelOf({ step, stepIndex }: Detail): string {
    return this.#labels[stepIndex] ?? step;
  }

  /** The run admits no more flows. Where it ends with an error of its own, that tells why. */
  stopped({ why, message, cancels, isLast, balance }: Stop): void {
    if (!LIMITS.includes(why)) return;
    this.#codes.push(ExitCode.limitReached);
    this.#balance = balance;
    if (isLast) return;
    const rest = cancels ? 'is cancelled' : 'finishes';
    this.#screen.say(`stopped: ${oneLine(message)}; what is in flight ${rest}`);
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

  /** What remains when the live line has gone: figures by step, failures, the budget. */
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
