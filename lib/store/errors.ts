import { WriteFailure } from '../errors.js';
import { UnsafeFile } from '../files/private-files.js';

export interface DamageFacts {
  readonly file: string;
  /** Byte where the damaged line begins, from 0. */
  readonly offset?: number;
  /** Number of the damaged line, from 1. */
  readonly line?: number;
  /** A remedy for the user, one sentence. */
  readonly hint: string;
}

/** A file of a run can't be read. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly file: string;
  readonly offset: number | undefined;
  readonly line: number | undefined;
  readonly hint: string;

  constructor(what: string, { file, offset, line, hint }: DamageFacts) {
    const lineText = line === undefined ? [] : [`line ${line}`];
    const offsetText = offset === undefined ? [] : [`byte ${offset}`];
    super(`${[file, ...lineText, ...offsetText].join(', ')}: ${what}`);
    this.file = file;
    this.offset = offset;
    this.line = line;
    this.hint = hint;
  }
}

/** The run isn't signed by this user: nothing of it may be used until the user trusts it. */
export class UntrustedRun extends Error {
  override readonly name = 'UntrustedRun';

  /**
   * @param what the run's folder, or a file in it @param problem why signatures can't be checked; null where they can
   */
  constructor(what: string, problem: string | null = null) {
    super(`${unsigned(what, problem)}; if you trust it, add --trust-run`);
  }
}

/** Says that it isn't signed by this user, and why that may be so. */
export function unsigned(what: string, problem: string | null): string {
  if (problem !== null) return `whether you signed ${what} is unknown: ${problem}`;
  return `${what} isn't signed by you: an older version, another user or machine made it, or a program that may write there`;
}

/** Does some writing; errors of it are WriteFailures, or UnsafeFiles. */
export async function writing<T>(file: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof UnsafeFile || error instanceof WriteFailure) throw error;
    throw new WriteFailure(file, error);
  }
}
