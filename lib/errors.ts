/**
 * The lesson of a failure for its lane: its limit was reached; its quota is used up; its key is bad; the server, or the network,
 * doesn't work; it declined this call; it answered; nothing.
 */
type Lesson = 'limit' | 'quota' | 'key' | 'server' | 'network' | 'declined' | 'answered' | 'nothing';

/** The default treatment of a kind of failure; a failure's own facts override it. */
interface FailurePolicy {
  /** True if another attempt may succeed. */
  readonly retry: boolean;
  readonly lane: Lesson;
  /** True if nothing was sent, so that it cost nothing. For other kinds the HTTP status decides, or it is unknown. */
  readonly free: boolean;
}

/** The kinds of failures that a step may have. Users branch on them: kinds are only ever added. */
export const FAILURES = {
  input: { retry: false, lane: 'nothing', free: true },
  timeout: { retry: true, lane: 'network', free: false },
  rate_limit: { retry: true, lane: 'limit', free: false },
  quota: { retry: false, lane: 'quota', free: false },
  auth: { retry: false, lane: 'key', free: false },
  refused: { retry: false, lane: 'declined', free: false },
  server: { retry: true, lane: 'server', free: false },
  network: { retry: true, lane: 'network', free: false },
  bad_output: { retry: false, lane: 'answered', free: false },
  exit: { retry: true, lane: 'nothing', free: false },
  cancelled: { retry: false, lane: 'nothing', free: false },
  operator: { retry: true, lane: 'nothing', free: false },
  internal: { retry: false, lane: 'nothing', free: false },
} as const satisfies Readonly<Record<string, FailurePolicy>>;

/** The `kind` of a record's `error`. */
export type FailureKind = keyof typeof FAILURES;

export type Retryable = boolean | 'once';

/**
 * The subject of a failure, which tells what else it concerns: this one request; all that ask this model; all with this
 * key, or with the account behind it; all that its limit, or its server, holds up; all that take this way to the
 * server.
 */
export type Subject = 'request' | 'model' | 'key' | 'account' | 'limit' | 'server' | 'way';

export interface FailureFacts {
  /** The subject, where an answer tells it. */
  readonly about?: Subject | undefined;
  /** A remedy for the user, one sentence. */
  readonly hint?: string | undefined;
  /** HTTP status of the answer. */
  readonly status?: number | undefined;
  /** Exit code of the process. */
  readonly exitCode?: number | undefined;
  /** The server's own wish, in milliseconds, before the next try. */
  readonly retryAfterMs?: number | undefined;
  /**
   * When a used-up limit is free again, milliseconds since the epoch; to the minute where the provider says no more.
   */
  readonly resetsAt?: number | undefined;
  /** True if another attempt could succeed; `once`: a second failure alike says that more don't. Default: by its kind (FAILURES). */
  readonly retryable?: Retryable | undefined;
  readonly cause?: unknown;
}

/** One flow's step went wrong. It becomes that flow's record; no other flow notices. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly kind: FailureKind;
  readonly about: Subject | undefined;
  readonly hint: string | undefined;
  readonly status: number | undefined;
  readonly exitCode: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly resetsAt: number | undefined;
  readonly retryable: Retryable | undefined;

  constructor(kind: FailureKind, message: string, facts: FailureFacts = {}) {
    super(message.toWellFormed(), facts.cause === undefined ? undefined : { cause: facts.cause });
    this.kind = kind;
    this.about = facts.about;
    this.hint = facts.hint;
    this.status = facts.status;
    this.exitCode = facts.exitCode;
    this.retryAfterMs = facts.retryAfterMs;
    this.resetsAt = facts.resetsAt;
    this.retryable = facts.retryable;
  }
}

/** The failure of flows in flight in a cancelled run. */
export function interrupted(): StepFailure {
  return new StepFailure('cancelled', 'the run was interrupted');
}

/** One mistake in the user's input, or one thing that a run would miss. */
export interface Issue {
  /** Where: `steps[1].prompt`, `--key foo`, `docs.txt:3`. Empty when the message says it. */
  readonly where: string;
  readonly message: string;
}

/** The command line, the config or the surroundings are wrong: nothing was started (exit code 2). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(issues.map(({ where, message }) => (where ? `${where}: ${message}` : message)).join('\n'));
    this.issues = issues;
  }
}

/** Writing a file of a run failed: the journal, or a file of a step. Earlier writes stay. */
export class WriteFailure extends Error {
  override readonly name = 'WriteFailure';
  readonly file: string;
  /** The system's word for it: ENOSPC, EIO, EROFS. */
  readonly code: string | undefined;

  constructor(file: string, cause: unknown) {
    super(`cannot write ${file}: ${messageOf(cause)}`, { cause });
    this.file = file;
    this.code = codeOf(cause);
  }
}

/** The system's codes for a disk that refuses writes: full, over its quota, broken, read-only. */
const DISK_REFUSALS: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS']);

/** A WriteFailure for an error of the disk, any other error as it is. */
export function writeError(file: string, thrown: unknown): unknown {
  if (thrown instanceof WriteFailure || !DISK_REFUSALS.has(codeOf(thrown))) return thrown;
  return new WriteFailure(file, thrown);
}

/** Throws when there is anything to report. */
export function assertNone(issues: readonly Issue[]): void {
  if (issues.length > 0) throw new ConfigError(issues);
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message || thrown.name;
  try {
    return String(thrown);
  } catch {
    return 'a value that has no text'; // an object without a prototype, or with a broken toString
  }
}

/** The system's message about a file, without its call and the path: those stand beside it. */
export function systemReason(thrown: unknown): string {
  return messageOf(thrown).replace(/, [a-z]+(?: '.*)?$/s, '');
}

/** The system's code of an error (`ENOENT`); undefined where it has none. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}
