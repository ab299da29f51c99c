import type { Ledger } from './ledger.js';

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
  /** Waits for room to start it, which is no work. Default: it simply waits. */
  readonly wait?: <T>(something: Promise<T>) => Promise<T>;
  /** From TERM to KILL, milliseconds. Default: 5000. */
  readonly graceMs?: number;
  /** From the leader's end to that of what it left in its group, while that holds an output open, milliseconds. Default: 500. */
  readonly lingerMs?: number;
  /** How the contents in its arguments are named by their paths instead, for messages; empty where there are none. */
  readonly byPath?: () => string;
  /** Where it is noted while it runs, for a later process that finds it orphaned. */
  readonly ledger?: Ledger;
}
