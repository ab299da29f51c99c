import type { StepFailure } from '../../errors.js';

/** The prompt, followed by what was wrong with the last answer to it. */
export function corrected(prompt: string, failure: StepFailure | undefined): string {
  if (failure?.kind !== 'bad_output') return prompt;
  return `${prompt}\n\nAn earlier answer was rejected: ${failure.message}. Answer anew, so that it is accepted.`;
}
