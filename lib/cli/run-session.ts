import { lastValueFrom } from 'rxjs';
import { type LoadedConfig, loadConfig } from '../config/load-config.js';
import { ConfigError, type Issue } from '../errors.js';
import { oneLine } from '../one-line.js';
import { surroundings } from '../processes.js';
import { progressLines } from '../progress.js';
import { runUnchecked } from '../run.js';
import type { Detail, UncheckedOptions } from '../run-options.js';
import type { SimulationOptions } from '../simulate/simulation.js';
import { ExitCode, mergeExitCodes } from './exit-codes.js';
import { interruption } from './interruption.js';
import { keySources } from './key-sources.js';
import { coloursFor, type Output } from './output.js';
import { type Print, printed } from './printed.js';
import type { KeyOption } from './run-options.js';
import { plainScreen, quietScreen, type Screen } from './screen.js';
import { Summary } from './summary.js';
import { createWriter, WriteError } from './writer.js';

/** The command line of `orchestrator run`. */
export interface RunRequest {
  readonly config: string;
  readonly parallel: number;
  readonly keys: readonly KeyOption[];
  readonly workdir: string;
  readonly timeout: number | undefined;
  readonly appendFilepath: boolean;
  readonly print: Print;
  readonly ordered: boolean;
  readonly progress: 'auto' | 'live' | 'lines' | 'none';
  readonly generated: string;
  readonly verbose: boolean;
  readonly allowDirty: boolean;
  readonly allowSharedWorkdir: boolean;
  readonly allowDanger: boolean;
  readonly simulate: boolean | SimulationOptions;
  /** What is wrong with it; each such option has a harmless value above. */
  readonly issues: readonly Issue[];
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
  const screen = await openScreen(request, streams);
  const writer = createWriter(stdout, screen.withoutLine);
  const summary = new Summary();
  const interrupt = interruption((line) => screen.say(line));
  const { results$, events$ } = runUnchecked({
    ...options,
    signal: interrupt.signal,
    deliver: (record) => {
      const told = printed(record, request.print);
      summary.add(told.record);
      return told.text === null ? undefined : writer.write(told.text);
    },
    onNotice: (line) => screen.say(dim(oneLine(line))),
    ...(request.verbose && { onDetail: (detail) => screen.say(dim(oneLine(detailLine(detail)))) }),
    onStart: (plan) =>
      progressLines(events$, plan, interval(request, stderr)).subscribe((line) => screen.show(oneLine(line))),
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
  const { allowDirty, allowSharedWorkdir, allowDanger } = request;
  const config = await configOf(request);
  const issues = [...request.issues, ...config.issues, ...printIssues(request, config)];
  // A run that can't start doesn't wait for its stdin.
  if (issues.length > 0 && request.keys.some(({ list }) => list === '-')) throw new ConfigError(issues);
  return {
    steps: config.steps,
    // A key of the command line replaces the config's of that name, in its place.
    keys: { ...config.keys, ...(await keySources(request.keys, stdin)) },
    defaults: config.defaults,
    folder: config.folder,
    issues,
    parallel,
    workdir,
    appendFilepath,
    ordered,
    generated,
    allowDirty,
    allowSharedWorkdir,
    allowDanger,
    simulate,
    ...(timeout !== undefined && { timeout }),
  };
}

/** The config; one that can't be used has no steps and its mistakes, so that the lists' mistakes are found, too. */
async function configOf({ config: file }: RunRequest): Promise<LoadedConfig> {
  const { cwd } = surroundings();
  try {
    return await loadConfig(file, cwd);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { file, folder: cwd, steps: [], keys: {}, defaults: undefined, issues: error.issues };
  }
}

/** Only codex leaves a final message file. */
function printIssues({ print }: RunRequest, { steps }: LoadedConfig): Issue[] {
  const last = steps.at(-1);
  if (print !== 'path' || last === undefined) return [];
  if (typeof last === 'object' && last !== null && 'type' in last && last.type === 'codex') return [];
  const message =
    'only a codex step leaves a final message file, and the last step is none; use --print output';
  return [{ where: '--print path', message }];
}

/** `[3 review] ran npm test`; a branch is `[3.0.1 review]`. */
function detailLine({ index, branch, step, line }: Detail): string {
  return `[${[index, ...branch].join('.')} ${step}] ${line}`;
}

async function openScreen({ progress }: RunRequest, { stdout, stderr }: Streams): Promise<Screen> {
  if (progress === 'none') return quietScreen(stderr);
  if (!isLive(progress, stderr)) return plainScreen(stderr);
  const { liveScreen } = await import('./live-screen.js');
  return liveScreen(stderr, stdout.isTTY === true);
}

/** A terminal that doesn't know its width can't be redrawn in place. */
function isLive(progress: RunRequest['progress'], { isTTY, columns }: Output): boolean {
  return columns !== 0 && (progress === 'live' || (progress === 'auto' && isTTY === true));
}

/** Milliseconds between two states of the progress line. */
function interval({ progress }: RunRequest, stderr: Output): number {
  return isLive(progress, stderr) ? 100 : 2000;
}

/** A config that is wrong is the caller's to explain; so is a fault of ours. */
function whyStopped(error: unknown, screen: Screen): ExitCode {
  if (!(error instanceof WriteError)) throw error;
  if (error.readerIsGone) return ExitCode.stdoutClosed;
  screen.say(`error: ${oneLine(error.message)}`);
  return ExitCode.fault;
}
