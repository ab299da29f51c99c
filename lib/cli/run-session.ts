import { lastValueFrom } from 'rxjs';
import { loadConfig } from '../config/load-config.js';
import { ConfigError } from '../errors.js';
import { surroundings } from '../processes.js';
import { progressLines } from '../progress.js';
import type { ResultRecord } from '../record.js';
import { runUnchecked } from '../run.js';
import type { UncheckedOptions } from '../run-options.js';
import type { SimulationOptions } from '../simulate/simulation.js';
import { ExitCode, mergeExitCodes } from './exit-codes.js';
import { interruption } from './interruption.js';
import { keySources } from './key-sources.js';
import type { KeyOption } from './run-options.js';
import { coloursFor, liveScreen, type Output, plainScreen, quietScreen, type Screen } from './screen.js';
import { Summary } from './summary.js';
import { createWriter, WriteError, type Writer } from './writer.js';

/** The command line of `orchestrator run`, checked. */
export interface RunRequest {
  readonly config: string;
  readonly parallel: number;
  readonly keys: readonly KeyOption[];
  readonly workdir: string;
  readonly timeout: number | undefined;
  readonly appendFilepath: boolean;
  readonly print: 'ndjson' | 'output' | 'path';
  readonly ordered: boolean;
  readonly progress: 'auto' | 'live' | 'lines' | 'none';
  readonly generated: string;
  readonly simulate: boolean | SimulationOptions;
}

/** The streams of the process. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** From the request to the exit code: one run, its results on stdout, all else on stderr. */
export async function runSession(request: RunRequest, streams: Streams): Promise<ExitCode> {
  const options = await runOptions(request, streams);
  const { stdout, stderr, env } = streams;
  const { dim, red } = coloursFor(stderr, env);
  const screen = openScreen(request, streams);
  const writer = createWriter(stdout, screen.withoutLine);
  const summary = new Summary();
  const interrupt = interruption((line) => screen.say(line));
  const { results$, events$ } = runUnchecked({
    ...options,
    signal: interrupt.signal,
    deliver: (record) => {
      summary.add(record);
      return print(record, request.print, writer);
    },
    onNotice: (line) => screen.say(dim(line)),
    onStart: (plan) =>
      progressLines(events$, plan, interval(request, stderr)).subscribe((line) => screen.show(line)),
  });
  const codes: ExitCode[] = [];
  try {
    await lastValueFrom(results$, { defaultValue: null });
    await writer.flush();
  } catch (error) {
    codes.push(whyStopped(error, screen));
  } finally {
    interrupt.release();
    screen.close();
  }
  for (const line of summary.lines()) stderr.write(`${red(line)}\n`);
  if (interrupt.signal.aborted) codes.push(ExitCode.interrupted);
  if (summary.failed > 0) codes.push(ExitCode.flowsFailed);
  return mergeExitCodes(codes);
}

async function runOptions(request: RunRequest, { stdin }: Streams): Promise<UncheckedOptions> {
  const { parallel, workdir, timeout, appendFilepath, ordered, generated, simulate } = request;
  const config = await loadConfig(request.config, surroundings().cwd);
  if (request.print === 'path') requireFinalMessage(config.steps);
  return {
    steps: config.steps,
    // A key of the command line replaces the config's of that name, in its place.
    keys: { ...config.keys, ...(await keySources(request.keys, stdin)) },
    defaults: config.defaults,
    folder: config.folder,
    issues: config.issues,
    parallel,
    workdir,
    appendFilepath,
    ordered,
    generated,
    simulate,
    ...(timeout !== undefined && { timeout }),
  };
}

/** Only codex leaves a final message file. */
function requireFinalMessage(steps: readonly unknown[]): void {
  const last = steps.at(-1);
  if (typeof last === 'object' && last !== null && 'type' in last && last.type === 'codex') return;
  const message =
    'only a codex step leaves a final message file, and the last step is none; use --print output';
  throw new ConfigError([{ where: '--print path', message }]);
}

function openScreen({ progress }: RunRequest, { stdout, stderr }: Streams): Screen {
  if (progress === 'none') return quietScreen(stderr);
  const live = progress === 'live' || (progress === 'auto' && stderr.isTTY);
  return live ? liveScreen(stderr, stdout.isTTY === true) : plainScreen(stderr);
}

/** Milliseconds between two states of the progress line. */
function interval({ progress }: RunRequest, stderr: Output): number {
  return progress === 'live' || (progress === 'auto' && stderr.isTTY) ? 100 : 2000;
}

async function print(record: ResultRecord, as: RunRequest['print'], writer: Writer): Promise<void> {
  if (as === 'ndjson') return writer.write(`${JSON.stringify(record)}\n`);
  const text = as === 'path' ? record.path : record.output;
  if (text !== null) await writer.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** A config that is wrong is the caller's to explain; so is a fault of ours. */
function whyStopped(error: unknown, screen: Screen): ExitCode {
  if (!(error instanceof WriteError)) throw error;
  if (error.readerIsGone) return ExitCode.stdoutClosed;
  screen.say(`error: ${error.message}`);
  return ExitCode.fault;
}
