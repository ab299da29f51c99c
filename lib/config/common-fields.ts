import * as z from 'zod';
import type { CommonFields } from '../steps/contract.js';

const name = z
  .string()
  .min(1)
  .refine((text) => !/\p{Cc}/u.test(text), 'must not hold line breaks or other control characters')
  .refine((text) => text !== '__proto__', 'is reserved; choose another one');

/** Fields that a step of any type may have. */
export const commonFields = z.object({
  type: z.string().describe('What kind of step it is.'),
  name: name.optional().describe('Shown in the progress line and in records. Default: the type.'),
  timeout: z.number().positive().optional().describe('Seconds one attempt may take.'),
  parallel: z.int().min(1).optional().describe('At most so many flows are in this step at once.'),
  retries: z.int().min(0).optional().describe('Further attempts after a failure that is worth one.'),
  array: z
    .boolean()
    .optional()
    .describe('true: its output is a JSON array; the rest of the steps runs once for each element.'),
  share: z
    .boolean()
    .optional()
    .describe('true: flows that differ in nothing the step gets share one call. Default: what --share says.'),
  previous: z.boolean().optional().describe('false: the previous output is not appended to the prompt.'),
}) satisfies z.ZodType<CommonFields>;
