import type { Context } from 'mocha';

/** Skips the test, and says why in its title: mocha shows nothing else of it. */
export function skip(context: Context, why: string): never {
  if (context.test) context.test.title += ` (skipped: ${why})`;
  return context.skip();
}
