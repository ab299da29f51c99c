import process from 'node:process';
import { endAll } from '../../processes/run-process.js';
import { ExitCode } from '../exit-codes.js';
import { isHangupIgnored } from '../ignored-hangup.js';

/** Turns the signals that end a process into aborts. */
export interface Interruption {
  /** Admits no more flows; flows in flight finish. */
  readonly drain: AbortSignal;
  /** Ends work in flight. */
  readonly signal: AbortSignal;
  /** Signals have their usual effect again. */
  release(): void;
}

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

type Ending = (typeof ENDING)[number];

/**
 * The first Ctrl-C drains, the second cancels, the third ends at once. SIGTERM and SIGHUP cancel: their senders don't
 * wait for long.
 *
 * @param say tells the user what happens now
 * @param part prints the last lines after the third one has ended the work in flight
 */
export function interruption(say: (line: string) => void, part: () => void): Interruption {
  const drain = new AbortController();
  const cancel = new AbortController();
  const onInterrupt = () => {
    if (drain.signal.aborted) return onTerminate();
    say('interrupted: no new flows, flows in flight finish (once more to cancel them)');
    drain.abort();
  };
  const onTerminate = () => {
    if (cancel.signal.aborted) endNow(part);
    say('interrupted: ending flows in flight (once more to end at once)');
    drain.abort();
    cancel.abort();
  };
  const release = listen({ SIGINT: onInterrupt, SIGTERM: onTerminate, SIGHUP: onTerminate });
  return { drain: drain.signal, signal: cancel.signal, release };
}

/** Each signal ends the process until the work has settled: nothing is in flight yet. */
export async function interruptible<T>(work: Promise<T>): Promise<T> {
  const end = () => endNow(() => {});
  const release = listen({ SIGINT: end, SIGTERM: end, SIGHUP: end });
  return work.finally(release);
}

/** Returns the end of listening. A SIGHUP that is ignored stays ignored. */
function listen(listeners: Readonly<Record<Ending, () => void>>): () => void {
  const heeded = ENDING.filter((name) => name !== 'SIGHUP' || !isHangupIgnored());
  for (const name of heeded) process.on(name, listeners[name]);
  return () => {
    for (const name of heeded) process.off(name, listeners[name]);
  };
}

function endNow(part: () => void): never {
  endAll('SIGKILL');
  part();
  process.exit(ExitCode.interrupted);
}
