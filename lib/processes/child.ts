import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { endWithUs, heardWhileStarting } from './at-exit.js';
import { newMark, withMark } from './marks.js';
import { Output } from './output.js';
import type { PidFile } from './pid-file.js';
import { refuseNul } from './refusals.js';
import { room } from './room.js';
import { ProcessTree } from './tree.js';
import { onWindows } from './windows.js';

/** Time for processes left by the leader to write: `echo a > >(tee log)` takes a moment. */
const LINGER_MS = 500;

type Execa = typeof import('execa').execa;
type Subprocess = ReturnType<typeof spawn>;

/** A program that was started: its outputs, all that it starts, and its end. */
export class Child {
  readonly stdout: Output;
  readonly stderr: Output;
  /** How its leader ended. */
  readonly result: Subprocess;
  readonly #tree: ProcessTree | undefined;
  readonly #leaderEnded: Promise<unknown>;
  readonly #lingerMs: number;
  readonly #heardAtStart = heardWhileStarting();
  #ending: Promise<void> | undefined;

  private constructor(execa: Execa, command: Command) {
    const { file, graceMs, lingerMs = LINGER_MS, pidFile } = command;
    const mark = newMark();
    const subprocess = spawn(execa, command, mark);
    const { pid, stdout, stderr } = subprocess;
    this.#lingerMs = lingerMs;
    this.result = subprocess;
    this.stdout = new Output(stdout);
    this.stderr = new Output(stderr);
    if (pid !== undefined)
      this.#tree = new ProcessTree(pid, mark, { graceMs, gone: pidFile?.note(pid, file) });
    this.#leaderEnded = new Promise((resolve) => emitterOf(subprocess).once('exit', resolve));
    void this.#leaderEnded.then(() => this.#tree?.leaderEnded());
  }

  /** Throws where the command can't be started at all; a refusal of the system is part of the result. */
  static async start(command: Command): Promise<Child> {
    refuseNul(command);
    const [{ execa }] = await Promise.all([import('execa'), endWithUs()]);
    const { signal, wait = (something) => something } = command;
    return wait(room.start(() => new Child(execa, command), signal));
  }

  /**
   * True if it was killed before its program began. A terminal sends Ctrl-C to its whole foreground group, and a child
   * belongs to ours from its fork until it has a session of its own.
   */
  async diedAtStart(): Promise<boolean> {
    const [{ signal }, heard] = await Promise.all([this.result, this.#heardAtStart]);
    return signal !== undefined && heard.has(signal);
  }

  /**
   * Waits until the outputs are read. Processes left by the leader may hold them open for good, or the leader is a
   * launcher that was killed: the rest is ended soon after it.
   */
  async outlive(read: Promise<unknown>): Promise<void> {
    await Promise.race([read, this.#leaderEnded]);
    const inTime = await Promise.race([read.then(() => true), delay(this.#lingerMs, false, { ref: false })]);
    if (inTime) return;
    void this.#tree?.end();
    await this.#cut();
  }

  /** Ends all of it; then its outputs, which a process that left the group may hold open for good. */
  end(): Promise<void> {
    this.#ending ??= Promise.resolve(this.#tree?.end()).then(() => this.#cut());
    return this.#ending;
  }

  /** Its leader and its outputs have ended. The rest isn't awaited, unless all of it was to be ended. */
  async release(): Promise<void> {
    if (this.#ending) await this.#ending;
    else this.#tree?.leave();
    room.leave();
  }

  async #cut(): Promise<void> {
    await Promise.all([this.stdout.cut(), this.stderr.cut()]);
    this.result.stdin.destroy();
  }
}

/** Where the leader's events come from: since execa 10 that is no longer the subprocess itself. */
function emitterOf(subprocess: object): EventEmitter {
  const emitter = 'nodeChildProcess' in subprocess ? subprocess.nodeChildProcess : subprocess;
  if (emitter instanceof EventEmitter) return emitter;
  throw new TypeError('a subprocess of execa that has no events');
}

/** Not async: the returned subprocess is a promise too, and awaiting it would be awaiting the process's end. */
function spawn(execa: Execa, { file, args, shell = false, cwd, env, stdin }: Command, mark: string) {
  return execa(file, args, {
    shell,
    cwd,
    env: withMark(env, mark),
    extendEnv: false,
    input: stdin,
    buffer: false,
    reject: false,
    cleanup: false,
    detached: !onWindows,
  });
}

/** A program to run, in a process group of its own. */
export interface Command {
  /** The program, or with `shell` a whole line for the shell. */
  readonly file: string;
  readonly args: readonly string[];
  readonly shell?: boolean;
  readonly cwd: string;
  /** All of the child's environment: nothing is added to it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Written to the child's stdin, which is then closed. */
  readonly stdin: string | Uint8Array;
  /** Its abort ends the whole group. */
  readonly signal: AbortSignal;
  /** Waits for room to start it; that time isn't work. Default: it simply waits. */
  readonly wait?: <T>(something: Promise<T>) => Promise<T>;
  /** From TERM to KILL, milliseconds. Default: 5000. */
  readonly graceMs?: number;
  /**
   * From the leader's end to that of the rest of its group, while that holds an output open, milliseconds. Default:
   * 500.
   */
  readonly lingerMs?: number;
  /** How the contents in its arguments are named by their paths instead, for messages; empty where there are none. */
  readonly byPath?: () => string;
  /** Where it is noted while it runs, for a later process that finds it orphaned. */
  readonly pidFile?: PidFile;
}
