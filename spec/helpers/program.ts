import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { ResultRecord } from '../../lib/index.js';
import { Limit } from '../../lib/inputs/contents.js';

/** The program as it is installed. */
export const bin = resolve(import.meta.dirname, '../../bin/orchestrator.js');

/** The state folder of the user that the program is started by: the key that signs runs is made there once. */
export const stateHome = join(tmpdir(), `orchestrator-spec-state-${process.geteuid?.() ?? ''}`);

/** How the program, or a shell line around it, is started. */
export interface StartOptions {
  readonly cwd: string;
  /** Beside PATH, HOME and XDG_STATE_HOME, the program gets nothing else. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to its stdin, which is then closed. Without it, stdin stays open and silent. */
  readonly stdin?: string;
  /** Nobody reads stdout until the test does. */
  readonly unread?: boolean;
}

/** What was left of a program. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface Program {
  /** Marks all processes that descend from it. */
  readonly mark: string;
  readonly stdout: Readable;
  /** What it said so far. */
  readonly told: { readonly stdout: string; readonly stderr: string };
  /** Settles when it has ended and all its output is read. */
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
  /** Types into its stdin. */
  write(text: string): void;
  /** Begins to read a stdout that was left unread. */
  read(): void;
}

const running = new Map<string, ChildProcessByStdio<Writable, Readable, Readable>>();

afterEach('no program is left behind', () => {
  for (const [mark, child] of running) {
    child.kill('SIGKILL');
    for (const pid of descendants(mark)) endProcess(pid);
  }
  running.clear();
});

/** Starts the program with an environment made from scratch. */
export function start(args: readonly string[], options: StartOptions): Program {
  return launch(process.execPath, [bin, ...args], options);
}

/** Runs it to its end. */
export function runBin(args: readonly string[], options: StartOptions): Promise<Ended> {
  return start(args, options).ended;
}

/** Starts a line for bash, in which `$orchestrator` is the program. */
export function startLine(line: string, options: StartOptions): Program {
  return launch('bash', ['-o', 'pipefail', '-c', line], options);
}

/** Runs it to its end. */
export function runLine(line: string, options: StartOptions): Promise<Ended> {
  return startLine(line, options).ended;
}

function launch(file: string, args: readonly string[], options: StartOptions): Program {
  const { cwd, env, stdin, unread = false } = options;
  const mark = randomUUID();
  const child = spawn(file, args, {
    cwd,
    env: {
      PATH: process.env.PATH,
      HOME: cwd,
      XDG_STATE_HOME: stateHome,
      MARK: mark,
      orchestrator: `${process.execPath} ${bin}`,
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.set(mark, child);
  child.stdin.on('error', () => {}); // a program may end before it has read all
  if (stdin !== undefined) child.stdin.end(stdin);
  const texts: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
  const collect = (name: 'stdout' | 'stderr') =>
    child[name].on('data', (chunk: Buffer) => texts[name].push(chunk));
  const textOf = (name: 'stdout' | 'stderr') => Buffer.concat(texts[name]).toString();
  collect('stderr');
  if (!unread) collect('stdout');
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    return { code, signal, stdout: textOf('stdout'), stderr: textOf('stderr') };
  });
  return {
    mark,
    stdout: child.stdout,
    told: {
      get stdout() {
        return textOf('stdout');
      },
      get stderr() {
        return textOf('stderr');
      },
    },
    ended,
    kill: (signal) => child.kill(signal),
    write: (text) => child.stdin.write(text),
    read: () => collect('stdout'),
  };
}

/** The processes with the mark in their environment; zombies have none. */
export function descendants(mark: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => environmentOf(pid).includes(mark)).map(Number);
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(join('/proc', pid, 'environ'), 'latin1');
  } catch {
    return '';
  }
}

/** Whatever it is at. */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** Within a suite: runs all rows before their tests, some at once, since starting and ending is most of the work. */
export function ranAhead<Row, End = Ended>(
  rows: readonly Row[],
  run: (row: Row) => Promise<End>,
): (row: Row) => End {
  const ends = new Map<Row, End>();
  before(async function () {
    this.timeout(300_000);
    const limit = new Limit(3);
    await Promise.all(rows.map(async (row) => ends.set(row, await limit.run(() => run(row)))));
  });
  return (row) => {
    const end = ends.get(row);
    if (!end) throw new Error('this row was not run');
    return end;
  };
}

/** Waits until something is so; fails with `what` after thirty seconds, however busy the machine is. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const [began] = process.hrtime(); // goes on in virtual time, too
  while (!isSo()) {
    if (process.hrtime()[0] - began > 30) throw new Error(`waited too long until ${what}`);
    await delay(10);
  }
}

/** Every line of stdout as a record; throws where one isn't JSON. */
export function recordsIn({ stdout }: Pick<Ended, 'stdout'>): ResultRecord[] {
  if (stdout !== '' && !stdout.endsWith('\n')) throw new Error('the last line of stdout is not whole');
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line): ResultRecord => JSON.parse(line));
}

/** The terminal's control sequences left out. */
export const plain = stripVTControlCharacters;
