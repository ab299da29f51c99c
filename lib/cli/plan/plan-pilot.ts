import type { Observable } from 'rxjs';
import type { RunEvent } from '../../flow/events.js';
import type { StepRecord } from '../../flow/flow.js';
import type { ResultRecord } from '../../flow/record.js';
import type { Forecast } from '../../plan/forecast.js';
import { type MeasuredCall, remeasured } from '../../plan/measured.js';
import type { Planned } from '../../plan/plan-run.js';
import { spread } from '../../plan/spread.js';
import type { ExitCode } from '../exit-codes.js';
import { executeRun, type RunCommandOptions } from '../run/conduct.js';

/** Where a pilot is run. */
export type Piloting = Pick<RunCommandOptions, 'request' | 'input' | 'streams'>;

/** The outcome of a pilot. */
export interface Piloted {
  readonly forecast: Forecast;
  /** That of the run. */
  readonly code: ExitCode;
  /** Its run's id; null where it didn't come to one. */
  readonly run: string | null;
  /** How to go on with the run, a line each. */
  readonly next: readonly string[];
}

/** Really runs so many flows, spread over all, and forecasts again from their usage. Its records go nowhere. */
export async function pilot(planned: Planned, flows: number, session: Piloting): Promise<Piloted> {
  const measured = new Measured();
  const { code, run, next } = await executeRun({
    ...session,
    printed: (record) => {
      measured.add(record);
      return { record, text: null };
    },
    only: new Set(spread(planned.sizes, flows)),
    watch: (events$) => measured.watch(events$),
  });
  return { forecast: await measured.forecast(planned), code, run, next };
}

/** Collects the usage of ended flows, by step. */
class Measured {
  /** By the step's position. */
  readonly #calls: { readonly record: StepRecord; readonly flow: string }[][] = [];
  /** Positions of the flows, by their ids. */
  readonly #flows = new Map<string, number>();
  readonly #cancelled = new Set<string>();

  add({ flow, index }: ResultRecord): void {
    this.#flows.set(flow, index);
  }

  watch(events$: Observable<RunEvent>): void {
    events$.subscribe((event) => {
      if (event.type === 'finish' && event.status === 'cancelled') this.#cancelled.add(event.flow);
      if (event.type === 'finish' || !event.record) return;
      this.#calls[event.index] ??= [];
      this.#calls[event.index]?.push({ record: event.record, flow: event.flow });
    });
  }

  async forecast(planned: Planned): Promise<Forecast> {
    const flows = [...this.#flows].flatMap(([id, index]) => (this.#cancelled.has(id) ? [] : [index]));
    if (flows.length === 0) return planned.forecast;
    const calls: MeasuredCall[][] = [];
    for (const place of planned.steps.keys()) calls.push(await this.#measuredCalls(place, planned));
    return remeasured(planned.forecast, planned.steps, { calls, flows });
  }

  async #measuredCalls(place: number, planned: Planned): Promise<MeasuredCall[]> {
    const calls: MeasuredCall[] = [];
    for (const { record, flow: id } of this.#calls[place] ?? []) {
      const flow = this.#flows.get(id);
      if (flow !== undefined)
        calls.push({ record, flow, promptTokens: await planned.promptTokens(place, flow) });
    }
    return calls;
  }
}
