import process from 'node:process';
import { endAll } from '../processes.js';
import { ExitCode } from './exit-codes.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Turns the signals that end a process into an abort: once to end what is in flight, twice to end at once. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Signals have their usual effect again. */
  release(): void;
}

/** @param say tells the user what happens now */
export function interruption(say: (line: string) => void): Interruption {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) {
      endAll('SIGKILL');
      process.exit(ExitCode.interrupted);
    }
    say('interrupted: ending what is in flight (once more to end at once)');
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
