import { lastValueFrom, Subject, toArray } from 'rxjs';
import { RunContext } from '../../lib/context/run-context.js';
import { UsageLog } from '../../lib/cost/usage-log.js';
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

/** A run context for some steps, and the events that it announced so far, as `enter score` or `exit score [0]`. */
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
  const runContext = new RunContext({
    gate: new Gate(capacity, bounds),
    events,
    read: () => '',
    kept: new Set(),
    timeout: undefined,
    resultCache: undefined,
    usageLog: new UsageLog(() => {}),
    budgetGuard: undefined,
  });
  return { runContext, log, lanes };
}

/** Sends one flow through some steps, and collects what comes out. */
export async function send(steps: readonly Step[], flow: Flow = newFlow()) {
  const { runContext, log } = newEngine(steps);
  const flows = await lastValueFrom(pipeline(steps, runContext)(flow).pipe(toArray()));
  return { flows, log };
}
