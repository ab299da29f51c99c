import { lastValueFrom, type Observable } from 'rxjs';
import type { Stop } from '../../context/stop.js';
import { WriteFailure } from '../../errors.js';
import type { RunEvent } from '../../flow/events.js';
import { isReplayed, type ResultRecord } from '../../flow/record.js';
import type { RunPlan } from '../../progress/progress.js';
import { runUnchecked } from '../../run.js';
import type { Detail } from '../../run-options.js';
import { oneLine } from '../../util/text.js';
import { ExitCode } from '../exit-codes.js';
import { coloursFor, type Streams } from '../output.js';
import { assertOpen, Writer } from '../writer.js';
import { interruptible, interruption } from './interruption.js';
import { openScreen } from './open-screen.js';
import { type Printed, printed } from './printed.js';
import { Report } from './report.js';
import type { RunRequest, RunView } from './request.js';
import { type RunInput, runInput } from './run-input.js';
import { storeFor } from './session-store.js';

/** A run as a command wants it. */
export interface RunCommandOptions {
  readonly request: RunRequest;
  readonly input: RunInput;
  readonly streams: Streams;
  /** The line on stdout for a record. */
  printed(record: ResultRecord): Printed;
  /** Positions of the flows that alone are run. Default: all of them. */
  readonly only?: ReadonlySet<number>;
  /** Listens to the run. */
  readonly watch?: (events$: Observable<RunEvent>) => void;
}

/** The outcome of the run. */
export interface RunOutcome {
  readonly code: ExitCode;
  /** Its id; null where nothing is kept of it. */
  readonly run: string | null;
  /** How to go on with it, a line each; empty where there is nothing to go on with. */
  readonly next: readonly string[];
}

/** One run: its results on stdout, all else on stderr. */
export async function executeRun({
  request,
  input,
  streams,
  printed,
  only,
  watch,
}: RunCommandOptions): Promise<RunOutcome> {
  assertOpen(streams.stdout);
  const { view } = request;
  const screen = await openScreen(view.progress, streams);
  const { dim } = coloursFor(streams.stderr, streams.env);
  const notice = (line: string) => screen.say(dim(oneLine(line)));
  const report = new Report(screen, view, streams);
  const store = storeFor(request, input, notice);
  // A record printed as done must survive a kill: it is written to the journal first.
  const writer = new Writer(streams.stdout, (write) => {
    store.write();
    screen.withoutLine(write);
  });
  const interrupt = interruption(screen.say, () => {
    screen.close();
    for (const line of store.next) streams.stderr.write(`${line}\n`);
  });
  const options = {
    ...input.options,
    ordered: view.ordered,
    drain: interrupt.drain,
    signal: interrupt.signal,
    store: store.open,
    deliver: (record: ResultRecord) => {
      const told = printed(record);
      report.add(told.record);
      return told.text === null ? undefined : writer.write(told.text).catch(unlessHeldBack);
    },
    onNotice: notice,
    onDetail: view.verbose
      ? (detail: Detail) => notice(detailLine(detail, report.labelOf(detail)))
      : undefined,
    onStart: (plan: RunPlan) => report.show(only ? { ...plan, total: only.size } : plan, events$),
    onStop: (stop: Stop) => report.stopped(stop),
  };
  const { results$, events$ } = runUnchecked(options, only);
  watch?.(events$);
  try {
    await lastValueFrom(results$, { defaultValue: null });
    await writer.flush();
  } catch (error) {
    report.failed(error);
  } finally {
    await store.closed();
    if (interrupt.drain.aborted) report.interrupted();
    interrupt.release();
    screen.close();
  }
  return { code: report.end(), run: store.run ?? null, next: store.next };
}

/** When the journal can't be written, the run ends by itself, after the work in flight has left. */
function unlessHeldBack(error: unknown): void {
  if (!(error instanceof WriteFailure)) throw error;
}

/** `[3 review] ran npm test`; a branch is `[3.0.1 review]`. */
function detailLine({ index, branch, line }: Detail, step: string): string {
  return `[${[index, ...branch].join('.')} ${step}] ${line}`;
}

/** From the request to the exit code: one run, its results on stdout, all else on stderr. */
export async function runSession(request: RunRequest, streams: Streams): Promise<ExitCode> {
  const input = await interruptible(runInput(request, streams.stdin));
  const { view } = request;
  const { code, next } = await executeRun({
    request,
    input,
    streams,
    printed: (record) => told(record, view),
  });
  // A reader that closed stdout has all it wanted.
  if (code === ExitCode.done || code === ExitCode.stdoutClosed) return code;
  for (const line of next) streams.stderr.write(`${line}\n`);
  return code;
}

function told(record: ResultRecord, { print, only }: RunView): Printed {
  const told = printed(record, print);
  return only === 'new' && isReplayed(record) ? { ...told, text: null } : told;
}
