/** Why a run admits no more flows before its keys are through, or leaves some of them out. */
export interface Stop {
  /**
   * - `interrupted`: somebody asked for it.
   * - `failures`: as many flows have failed as were allowed.
   * - `limit`: a provider lets nothing through any more: a quota is used up, or the key is refused.
   * - `budget`: nothing that is left fits into what it may cost, or use up; or (`isLast`) some calls didn't.
   * - `store`: what is done can't be kept or read any more.
   * - `fault`: the keys' values can't be gone through any more.
   */
  readonly why: 'interrupted' | 'failures' | 'limit' | 'budget' | 'store' | 'fault';
  /** One sentence. */
  readonly message: string;
  /** What the run is going to end with. */
  readonly error?: unknown;
  /** What is in flight leaves as cancelled. */
  readonly cancels?: true;
  /** All flows were admitted, and have left. */
  readonly isLast?: true;
  /** What there is to say when all has left, one sentence. */
  readonly balance?: () => string;
}

export const INTERRUPTED: Stop = { why: 'interrupted', message: 'the run was interrupted' };

/** So many failed flows, or such a share of all flows. */
export type MaxFailures = number | `${number}%`;
