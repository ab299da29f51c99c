/** Why a run admits no more flows before its keys are through, or leaves some of them out. */
export interface Stop {
  /**
   * - `interrupted`: the user or the caller asked for it.
   * - `failures`: as many flows have failed as were allowed.
   * - `limit`: a provider accepts no more calls: a quota is used up, or the key is refused.
   * - `budget`: nothing left fits into the budget; or (`isLast`) some calls didn't fit.
   * - `store`: results can't be stored or read any more.
   * - `fault`: iterating over the keys' values failed.
   */
  readonly why: 'interrupted' | 'failures' | 'limit' | 'budget' | 'store' | 'fault';
  /** One sentence. */
  readonly message: string;
  /** The error that the run ends with. */
  readonly error?: unknown;
  /** Work in flight leaves as cancelled. */
  readonly cancels?: true;
  /** All flows were admitted, and have left. */
  readonly isLast?: true;
  /** The balance at the end of the run, one sentence. */
  readonly balance?: () => string;
}

export const INTERRUPTED: Stop = { why: 'interrupted', message: 'the run was interrupted' };

/** So many failed flows, or such a share of all flows. */
export type MaxFailures = number | `${number}%`;
