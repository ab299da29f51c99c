import * as z from 'zod';
import type { ProcessIdentity } from './identity.js';

/** What a `ProcessIdentity` is read back with. */
export const processIdentity = z.object({
  pid: z.int().positive(),
  started: z.number().nullable(),
  host: z.string(),
  boot: z.string().nullable(),
  namespace: z.string().nullable(),
  since: z.string(),
}) satisfies z.ZodType<ProcessIdentity>;
