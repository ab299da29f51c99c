import { Subject } from 'rxjs';
import type { Issue, StepFailure } from '../errors.js';
import type { LaneId } from '../step/lane.js';
import type { Clock } from './clock.js';
import { type Closing, Lane, type Meter, type Throughput } from './lane.js';
import { nameAmong, settingsFor, unusedLanes } from './names.js';
import type { LanesSettings } from './settings.js';

/** A lane that calls wait for. */
export interface LaneWait extends Closing {
  /** As the user knows it: `openai`, or `openai/gpt-5.5` where there are several. */
  readonly lane: string;
}

/** A lane whose limits hold calls back, time and again. */
export interface LaneLimit extends Throughput {
  /** As the user knows it. */
  readonly name: string;
  /** Calls that wait for it. */
  readonly waiting: number;
  readonly lane: Lane;
}

/** A lane that is of no use any more. */
export interface ExhaustedLane {
  readonly lane: string;
  /** Of its provider. */
  readonly failure: StepFailure;
}

/** How the lanes of a run are set up. */
export interface LanesOptions {
  /** By type, or by type and model. */
  readonly settings?: LanesSettings | undefined;
  /** The longest that one call waits for what its provider refuses it, seconds. Default: an hour. */
  readonly maxWait?: number | undefined;
  /** Makes what measures the throughput of a lane. Default: it isn't measured. */
  readonly meter?: () => Meter;
  readonly clock?: Clock | undefined;
}

/** An hour. */
const MAX_WAIT = 3600;

/** The lanes of one run, each made when the first step asks for it. */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #lanes = new Map<string, Lane>();
  #areTrusted = false;
  readonly #exhausted = new Subject<ExhaustedLane>();
  /** Each lane that will never let anything through again. */
  readonly exhausted$ = this.#exhausted.asObservable();

  constructor(options: LanesOptions = {}) {
    this.#options = options;
  }

  of(id: LaneId): Lane {
    const key = JSON.stringify([id.type, id.model, id.resource]);
    const lane = this.#lanes.get(key) ?? this.#make(id);
    this.#lanes.set(key, lane);
    return lane;
  }

  /** Calls in all of them went well in an earlier attempt at the run. */
  trust(): void {
    this.#areTrusted = true;
    for (const lane of this.#lanes.values()) lane.trust();
  }

  /** The lanes that hold calls back at the moment, the longest wait first. */
  waits(): LaneWait[] {
    const closed = [...this.#lanes.values()].flatMap((lane) => {
      const closing = lane.waiting > 0 ? lane.closing : null;
      return closing ? [{ lane: this.#nameOf(lane.id), ...closing }] : [];
    });
    return closed.sort((a, b) => (b.ms ?? Number.POSITIVE_INFINITY) - (a.ms ?? Number.POSITIVE_INFINITY));
  }

  /** The lanes whose limits hold calls back, in short waits or long ones. */
  limits(): LaneLimit[] {
    return [...this.#lanes.values()].flatMap((lane) => {
      const { throughput, waiting, id } = lane;
      return throughput ? [{ ...throughput, name: this.#nameOf(id), waiting, lane }] : [];
    });
  }

  /** A warning for each name in the settings that no lane goes by. */
  unused(): Issue[] {
    return unusedLanes(this.#options.settings ?? {}, this.#ids());
  }

  #make(id: LaneId): Lane {
    const { settings = {}, maxWait = MAX_WAIT, meter, clock } = this.#options;
    const lane = new Lane(id, {
      settings: settingsFor(settings, id),
      maxWaitMs: maxWait * 1000,
      onExhausted: (failure) => this.#exhausted.next({ lane: this.#nameOf(id), failure }),
      meter: meter?.(),
      clock,
    });
    if (this.#areTrusted) lane.trust();
    return lane;
  }

  #nameOf(id: LaneId): string {
    return nameAmong(this.#ids(), id);
  }

  #ids(): LaneId[] {
    return [...this.#lanes.values()].map(({ id }) => id);
  }
}
