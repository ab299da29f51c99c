import type { FieldMistake } from './contract.js';

/** Where a step's prompt stands. */
interface Prompted {
  readonly prompt?: string | undefined;
  readonly promptFile?: string | undefined;
}

/** One of the two has to be there, and say something. */
export function promptMistakes({ prompt, promptFile }: Prompted): FieldMistake[] {
  if (prompt === undefined && promptFile === undefined)
    return [{ field: 'prompt', message: 'missing; give `prompt` or `promptFile`' }];
  if (prompt !== undefined && promptFile !== undefined)
    return [{ field: 'promptFile', message: 'stands beside `prompt`; give one of them' }];
  return prompt?.trim() === '' ? [{ field: 'prompt', message: 'is empty; say what is asked for' }] : [];
}
