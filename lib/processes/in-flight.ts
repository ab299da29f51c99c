const running = new Set<Promise<unknown>>();

/** Remembers the run of a program until it settles. */
export function untilEnded<T>(run: Promise<T>): Promise<T> {
  const forget = () => running.delete(run);
  running.add(run);
  run.then(forget, forget);
  return run;
}

/** Settles when all runs of `runProcess` have ended, aborted or not. */
export async function allEnded(): Promise<void> {
  await Promise.allSettled(running);
}
