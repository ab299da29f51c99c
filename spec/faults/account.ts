import type { Call } from './call.js';
import { type Job, nameOf, type Sitting } from './job.js';

/** What was paid for, and for what. */
export interface Account {
  /** Calls of all sittings. */
  readonly calls: number;
  /** Steps that are done in the end. */
  readonly finished: number;
  /** Calls whose result was in the journal before the sitting began. */
  readonly again: readonly string[];
  /** How many calls of each sitting left nothing in the journal. */
  readonly lost: readonly number[];
  /** How long the oldest result had been there that a sitting's end lost, milliseconds. */
  readonly unwrittenMs: number;
}

/** Looks at what each sitting found, called and left. */
export async function accountOf(job: Job): Promise<Account> {
  const calls = await job.calls();
  const callsOf = ({ caller }: Sitting) => calls.filter((call) => call.caller === caller);
  const lost = job.sittings.map((sitting) =>
    callsOf(sitting).filter((call) => !sitting.finished.has(thing(call))),
  );
  const again = job.sittings.flatMap((sitting, n) => {
    const before = job.sittings[n - 1]?.finished;
    return callsOf(sitting).filter((call) => before?.has(thing(call)));
  });
  const unwritten = job.sittings.flatMap(({ endedAt }, n) =>
    (lost[n] ?? []).map(({ doneAt }) => (doneAt === null ? 0 : endedAt - doneAt)),
  );
  return {
    calls: calls.length,
    finished: job.sittings.at(-1)?.finished.size ?? 0,
    again: again.map((call) => `${thing(call)} in ${call.caller}`),
    lost: lost.map(({ length }) => length),
    unwrittenMs: Math.max(0, ...unwritten),
  };
}

function thing({ model, input }: Call): string {
  return nameOf(model, input);
}

/** In one line. @param seed what repeats it */
export function told({ calls, finished, again, lost, unwrittenMs }: Account, seed?: number): string {
  const sum = lost.reduce((sum, count) => sum + count, 0);
  const counts = [
    `${calls} calls for ${finished} steps in ${lost.length} sittings`,
    `${again.length} again`,
    `${sum} lost, at most ${Math.max(...lost)} at once`,
    `the oldest was there for ${Math.round(unwrittenMs)} ms`,
  ];
  return `      ${counts.join('; ')}${seed === undefined ? '' : ` (FAULTS_SEED=${seed})`}`;
}
