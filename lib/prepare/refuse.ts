import { ConfigError, type Issue } from '../errors.js';
import type { UncheckedOptions } from '../run-options.js';

/** Rejects with a ConfigError where there is anything to report; mistakes in a file with the places where they stand. */
export async function refuse(issues: readonly Issue[], options: UncheckedOptions): Promise<void> {
  if (issues.length > 0) throw new ConfigError((await options?.locate?.(issues)) ?? issues);
}
