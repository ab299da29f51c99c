import { lastValueFrom, Subject, toArray } from 'rxjs';
import { Engine } from '../../lib/context/run-context.js';
import { Book } from '../../lib/cost/book.js';
import { pipeline } from '../../lib/engine/pipeline.js';
import type { RunEvent } from '../../lib/flow/events.js';
import type { Flow } from '../../lib/flow/flow.js';
import { Gate } from '../../lib/lanes/gate.js';
import { Lanes } from '../../lib/lanes/lanes.js';
import type { Step } from '../../lib/step/step.js';

/** A live flow at the start of its way. */
export function newFlow(facts: Partial<Flow> = {}): Flow {
  return {
    id: '00000000000000f1',
    index: 0,
    branch: [],
    inputs: {},
    output: '',
    status: 'live',
    steps: [],
    outputs: {},
    error: null,
    startedAt: Date.now(),
    ...facts,
  };
}

/** An engine for some steps, and the events that it announced so far, as `enter score` or `exit score [0]`. */
export function newEngine(steps: readonly Step[], capacity = 10) {
  const lanes = new Lanes({ maxWait: 1 });
  const bounds = steps.map((step) =>
    step.kind === 'run' ? { cap: step.parallel, lane: step.lane && lanes.of(step.lane) } : {},
  );
  const events = new Subject<RunEvent>();
  const log: string[] = [];
  events.subscribe((event) => {
    if (event.type === 'finish') log.push(`finish ${event.status}`);
    else log.push(`${event.type} ${event.step}${event.branch ? ` [${event.branch.join('.')}]` : ''}`);
  });
  const engine = new Engine({
    gate: new Gate(capacity, bounds),
    events,
    read: () => '',
    kept: new Set(),
    timeout: undefined,
    memory: undefined,
    book: new Book(() => {}),
    purse: undefined,
  });
  return { engine, log, lanes };
}

/** Sends one flow through some steps, and collects what comes out. */
export async function send(steps: readonly Step[], flow: Flow = newFlow()) {
  const { engine, log } = newEngine(steps);
  const flows = await lastValueFrom(pipeline(steps, engine)(flow).pipe(toArray()));
  return { flows, log };
}
