import process from 'node:process';
import { endAll } from '../../processes.js';
import { ExitCode } from '../exit-codes.js';

/** Turns the signals that end a process into aborts. */
export interface Interruption {
  /** Admit no more flows; what is in flight finishes. */
  readonly drain: AbortSignal;
  /** End what is in flight. */
  readonly signal: AbortSignal;
  /** Signals have their usual effect again. */
  release(): void;
}

/**
 * The first Ctrl-C drains, the second cancels, the third ends at once. SIGTERM and SIGHUP cancel: whoever sends them
 * doesn't wait for long.
 *
 * @param say tells the user what happens now
 * @param part says what there is to say when the third one has ended what was in flight
 */
export function interruption(say: (line: string) => void, part: () => void): Interruption {
  const drain = new AbortController();
  const cancel = new AbortController();
  const onInterrupt = () => {
    if (drain.signal.aborted) return onTerminate();
    say('interrupted: no new flows, what is in flight finishes (once more to cancel it)');
    drain.abort();
  };
  const onTerminate = () => {
    if (cancel.signal.aborted) endNow(part);
    say('interrupted: ending what is in flight (once more to end at once)');
    drain.abort();
    cancel.abort();
  };
  const listeners = { SIGINT: onInterrupt, SIGTERM: onTerminate, SIGHUP: onTerminate };
  for (const [name, listener] of Object.entries(listeners)) process.on(name, listener);
  return {
    drain: drain.signal,
    signal: cancel.signal,
    release: () => {
      for (const [name, listener] of Object.entries(listeners)) process.off(name, listener);
    },
  };
}

function endNow(part: () => void): never {
  endAll('SIGKILL');
  part();
  process.exit(ExitCode.interrupted);
}
