import type { Observable } from 'rxjs';
import type { RunEvent } from '../../events.js';
import type { StepRecord } from '../../flow.js';
import type { Forecast } from '../../plan/forecast.js';
import { remeasured } from '../../plan/measured.js';
import type { Planned } from '../../plan/plan-run.js';
import { spread } from '../../plan/spread.js';
import type { ExitCode } from '../exit-codes.js';
import { type Conduct, conduct } from '../run/conduct.js';

/** Where a pilot is run. */
export type Piloting = Pick<Conduct, 'request' | 'input' | 'streams'>;

/** What a pilot came to. */
export interface Piloted {
  readonly forecast: Forecast;
  /** That of the run. */
  readonly code: ExitCode;
  /** Its run's id; null where it didn't come to one. */
  readonly run: string | null;
  /** How to go on with the run, a line each. */
  readonly next: readonly string[];
}

/** Really runs so many flows, spread over all, and forecasts anew from what they used. Its records go nowhere. */
export async function pilot(
  { forecast, sizes }: Planned,
  flows: number,
  session: Piloting,
): Promise<Piloted> {
  const measured = new Measured();
  const { code, run, next } = await conduct({
    ...session,
    printed: (record) => ({ record, text: null }),
    only: new Set(spread(sizes, flows)),
    watch: (events$) => measured.watch(events$),
  });
  return { forecast: measured.forecast(forecast), code, run, next };
}

/** What the steps of the flows took that have ended. */
class Measured {
  readonly #records: StepRecord[][] = [];
  #flows = 0;

  watch(events$: Observable<RunEvent>): void {
    events$.subscribe((event) => {
      if (event.type === 'finish') this.#flows += event.status === 'cancelled' ? 0 : 1;
      else if (event.record) this.#add(event.index, event.record);
    });
  }

  #add(position: number, record: StepRecord): void {
    this.#records[position] ??= [];
    this.#records[position].push(record);
  }

  forecast(before: Forecast): Forecast {
    return this.#flows === 0 ? before : remeasured(before, this.#records, this.#flows);
  }
}
