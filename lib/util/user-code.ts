import { AsyncLocalStorage } from 'node:async_hooks';

/** A piece of the user's own code at its work. */
export interface UserCode {
  /** The code and its work, for messages. */
  readonly name: string;
  /** Called with an exception or rejected promise of it that no caller handles. */
  fail(error: unknown): void;
}

const running = new AsyncLocalStorage<UserCode>();

/** Does the work, and knows all that it begins as the code's. */
export function runAs<T>(code: UserCode, work: () => T): T {
  return running.run(code, work);
}

/** Does work that isn't the user's though their code called it. */
export function runAsOurs<T>(work: () => T): T {
  return running.exit(work);
}

/** The user's code at work now; also in handlers of uncaught errors, and of the process's end. Undefined in ours. */
export function currentCode(): UserCode | undefined {
  return running.getStore();
}
