import { lastValueFrom, type Observable } from 'rxjs';
import type { RunEvent } from '../events.js';
import { oneLine } from '../one-line.js';
import { progressLines, type RunPlan } from '../progress.js';
import type { ResultRecord } from '../record.js';
import { runUnchecked } from '../run.js';
import type { Detail } from '../run-options.js';
import { type StepStatistics, statisticsOf } from '../statistics/step-statistics.js';
import type { Stop } from '../stop.js';
import { WriteFailure } from '../store/errors.js';
import { ExitCode, mergeExitCodes } from './exit-codes.js';
import { interruption } from './interruption.js';
import { intervalFor, openScreen } from './open-screen.js';
import { coloursFor, type Streams } from './output.js';
import type { Printed } from './printed.js';
import type { RunRequest } from './request.js';
import type { RunInput } from './run-input.js';
import type { Screen } from './screen.js';
import { storeFor } from './session-store.js';
import { stepTable } from './step-table.js';
import { Summary } from './summary.js';
import { createWriter, WriteError } from './writer.js';

/** A run as a command wants it. */
export interface Conduct {
  readonly request: RunRequest;
  readonly input: RunInput;
  readonly streams: Streams;
  /** What goes to stdout for a record. */
  printed(record: ResultRecord): Printed;
  /** Positions of the flows that alone are run. Default: all of them. */
  readonly only?: ReadonlySet<number>;
  /** Listens to the run. */
  readonly watch?: (events$: Observable<RunEvent>) => void;
}

/** What became of it. */
export interface Conducted {
  readonly code: ExitCode;
  /** Its id; null where nothing is kept of it. */
  readonly run: string | null;
  /** The command that goes on with it; undefined where there is nothing to go on with. */
  readonly resume: string | undefined;
}

/** One run: its results on stdout, all else on stderr. */
export async function conduct({ request, input, streams, ...wish }: Conduct): Promise<Conducted> {
  const { stdout, stderr, env } = streams;
  const { only, watch } = wish;
  const { dim, red } = coloursFor(stderr, env);
  const { view } = request;
  const screen = await openScreen(view.progress, streams);
  const notice = (line: string) => screen.say(dim(oneLine(line)));
  const writer = createWriter(stdout, screen.withoutLine);
  const summary = new Summary();
  const interrupt = interruption((line) => screen.say(line));
  const store = storeFor(request, input, notice);
  const codes: ExitCode[] = [];
  let balance: Stop['balance'];
  let statistics: StepStatistics | undefined;
  const show = (plan: RunPlan) => {
    statistics = statisticsOf(events$, plan.steps);
    const shown = only ? { ...plan, total: only.size } : plan;
    progressLines(events$, shown, intervalFor(view.progress, stderr)).subscribe((line) =>
      screen.show(oneLine(line)),
    );
  };
  const options = {
    ...input.options,
    ordered: view.ordered,
    drain: interrupt.drain,
    signal: interrupt.signal,
    ...(store.open && { store: store.open }),
    deliver: (record: ResultRecord) => {
      const told = wish.printed(record);
      summary.add(told.record);
      return told.text === null ? undefined : writer.write(told.text);
    },
    onNotice: notice,
    ...(view.verbose && { onDetail: (detail: Detail) => notice(detailLine(detail)) }),
    onStart: show,
    onStop: (stop: Stop) => {
      const code = codeOf(stop);
      if (code === undefined) return;
      codes.push(code);
      if (code === ExitCode.limitReached) screen.say(stopLine(stop));
      balance = stop.balance;
    },
  };
  const { results$, events$ } = runUnchecked(options, only);
  watch?.(events$);
  try {
    await lastValueFrom(results$, { defaultValue: null });
    await writer.flush();
  } catch (error) {
    codes.push(whyStopped(error, screen));
  } finally {
    await store.closed();
    interrupt.release();
    screen.close();
  }
  if (view.progress !== 'none')
    for (const line of stepTable(statistics?.figures() ?? [])) stderr.write(`${oneLine(line)}\n`);
  for (const line of summary.lines()) stderr.write(`${red(line)}\n`);
  if (balance) stderr.write(`stopped at the budget: ${balance()}\n`);
  if (summary.failed > 0) codes.push(ExitCode.flowsFailed);
  return { code: mergeExitCodes(codes), run: store.run ?? null, resume: store.resume };
}

/** `[3 review] ran npm test`; a branch is `[3.0.1 review]`. */
function detailLine({ index, branch, step, line }: Detail): string {
  return `[${[index, ...branch].join('.')} ${step}] ${line}`;
}

function stopLine({ message, cancels }: Stop): string {
  return `stopped: ${oneLine(message)}; what is in flight ${cancels ? 'is cancelled' : 'finishes'}`;
}

/** Somebody had set a limit. */
const LIMITS: readonly Stop['why'][] = ['failures', 'limit', 'budget'];

/** Undefined where the run ends with an error of its own. */
function codeOf({ why }: Stop): ExitCode | undefined {
  if (why === 'interrupted') return ExitCode.interrupted;
  return LIMITS.includes(why) ? ExitCode.limitReached : undefined;
}

/** A config that is wrong is the caller's to explain; so is a fault of ours. */
function whyStopped(error: unknown, screen: Screen): ExitCode {
  if (error instanceof WriteError && error.readerIsGone) return ExitCode.stdoutClosed;
  if (!(error instanceof WriteError || error instanceof WriteFailure)) throw error;
  screen.say(`error: ${oneLine(error.message)}`);
  return ExitCode.fault;
}
