import type { Call } from './call.js';
import type { Job, Session } from './job.js';
import { nameOf } from './left.js';

/** What was paid for, and for what. */
export interface Account {
  /** Calls of all sessions. */
  readonly calls: number;
  /** Steps that are done in the end: those whose line is in the journal. */
  readonly finished: number;
  /** Calls for a step that was finished before the session began. */
  readonly again: readonly string[];
  /** How many calls of each session left no line: they were in flight when it ended. */
  readonly lost: readonly number[];
  /** Their sum. */
  readonly inFlight: number;
}

/** Looks at what each session found, called and left. */
export async function accountOf(job: Job): Promise<Account> {
  const calls = await job.calls();
  const callsOf = ({ caller }: Session) => calls.filter((call) => call.caller === caller);
  const again = job.sessions.flatMap((session, n) => {
    const before = job.sessions[n - 1]?.finished;
    return callsOf(session).filter((call) => before?.has(thing(call)));
  });
  const lost = job.sessions.map(
    (session) => callsOf(session).filter((call) => !session.finished.has(thing(call))).length,
  );
  return {
    calls: calls.length,
    finished: job.sessions.at(-1)?.finished.size ?? 0,
    again: again.map((call) => `${thing(call)} in ${call.caller}`),
    lost,
    inFlight: lost.reduce((sum, count) => sum + count, 0),
  };
}

function thing({ model, input }: Call): string {
  return nameOf(model, input);
}

/** In one line. @param seed what repeats it */
export function told({ calls, finished, again, lost, inFlight }: Account, seed?: number): string {
  const counts = [
    `${calls} calls for ${finished} steps in ${lost.length} sessions`,
    `${again.length} for finished ones`,
    `${inFlight} in flight at their ends, at most ${Math.max(...lost)} at one`,
  ];
  return `      ${counts.join('; ')}${seed === undefined ? '' : ` (FAULTS_SEED=${seed})`}`;
}
