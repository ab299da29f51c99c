import { lastValueFrom } from 'rxjs';
import { oneLine } from '../one-line.js';
import { progressLines } from '../progress.js';
import type { ResultRecord } from '../record.js';
import { runUnchecked } from '../run.js';
import type { Detail } from '../run-options.js';
import type { Stop } from '../stop.js';
import { WriteFailure } from '../store/errors.js';
import { ExitCode, mergeExitCodes } from './exit-codes.js';
import { interruption } from './interruption.js';
import { coloursFor, type Output } from './output.js';
import { printed } from './printed.js';
import type { RunRequest, RunView } from './request.js';
import { runInput } from './run-input.js';
import { plainScreen, quietScreen, type Screen } from './screen.js';
import { storeFor } from './session-store.js';
import { Summary } from './summary.js';
import { createWriter, WriteError } from './writer.js';

/** The streams of the process. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** From the request to the exit code: one run, its results on stdout, all else on stderr. */
export async function runSession(request: RunRequest, streams: Streams): Promise<ExitCode> {
  const input = await runInput(request, streams.stdin);
  const { stdout, stderr, env } = streams;
  const { dim, red } = coloursFor(stderr, env);
  const { view } = request;
  const screen = await openScreen(view, streams);
  const notice = (line: string) => screen.say(dim(oneLine(line)));
  const writer = createWriter(stdout, screen.withoutLine);
  const summary = new Summary();
  const interrupt = interruption((line) => screen.say(line));
  const store = storeFor(request, input, notice);
  const codes: ExitCode[] = [];
  const { results$, events$ } = runUnchecked({
    ...input.options,
    ordered: view.ordered,
    drain: interrupt.drain,
    signal: interrupt.signal,
    ...(store.open && { store: store.open }),
    deliver: (record) => {
      const told = printed(record, view.print);
      summary.add(told.record);
      if (told.text === null || (view.only === 'new' && isOld(record))) return undefined;
      return writer.write(told.text);
    },
    onNotice: notice,
    ...(view.verbose && { onDetail: (detail) => notice(detailLine(detail)) }),
    onStart: (plan) =>
      progressLines(events$, plan, interval(view, stderr)).subscribe((line) => screen.show(oneLine(line))),
    onStop: (stop) => {
      const code = codeOf(stop);
      if (code === undefined) return;
      codes.push(code);
      if (code === ExitCode.limitReached)
        screen.say(`stopped: ${oneLine(stop.message)}; what is in flight finishes`);
    },
  });
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
  for (const line of summary.lines()) stderr.write(`${red(line)}\n`);
  if (summary.failed > 0) codes.push(ExitCode.flowsFailed);
  const code = mergeExitCodes(codes);
  // Whoever closed stdout has what was wanted.
  if (code !== ExitCode.done && code !== ExitCode.stdoutClosed && store.resume)
    stderr.write(`${store.resume}\n`);
  return code;
}

/** All that it says was known before. */
function isOld({ steps }: ResultRecord): boolean {
  return steps.length > 0 && steps.every(({ replayed }) => replayed);
}

/** `[3 review] ran npm test`; a branch is `[3.0.1 review]`. */
function detailLine({ index, branch, step, line }: Detail): string {
  return `[${[index, ...branch].join('.')} ${step}] ${line}`;
}

async function openScreen({ progress }: RunView, { stdout, stderr }: Streams): Promise<Screen> {
  if (progress === 'none') return quietScreen(stderr);
  if (!isLive(progress, stderr)) return plainScreen(stderr);
  const { liveScreen } = await import('./live-screen.js');
  return liveScreen(stderr, stdout.isTTY === true);
}

/** A terminal that doesn't know its width can't be redrawn in place. */
function isLive(progress: RunView['progress'], { isTTY, columns }: Output): boolean {
  return columns !== 0 && (progress === 'live' || (progress === 'auto' && isTTY === true));
}

/** Milliseconds between two states of the progress line. */
function interval({ progress }: RunView, stderr: Output): number {
  return isLive(progress, stderr) ? 100 : 2000;
}

/** Undefined where the run ends with an error of its own. */
function codeOf({ why }: Stop): ExitCode | undefined {
  if (why === 'interrupted') return ExitCode.interrupted;
  return why === 'failures' || why === 'limit' ? ExitCode.limitReached : undefined;
}

/** A config that is wrong is the caller's to explain; so is a fault of ours. */
function whyStopped(error: unknown, screen: Screen): ExitCode {
  if (error instanceof WriteError && error.readerIsGone) return ExitCode.stdoutClosed;
  if (!(error instanceof WriteError || error instanceof WriteFailure)) throw error;
  screen.say(`error: ${oneLine(error.message)}`);
  return ExitCode.fault;
}
