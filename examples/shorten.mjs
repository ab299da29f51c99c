// A step of one's own: keeps the first words.
import { defineStep } from '@flowline/orchestrator';
import * as z from 'zod';

export default defineStep({
  type: 'shorten',
  options: z.object({ words: z.int().min(1) }),
  run: (flow, _context, { words }) => flow.output.split(/\s+/).slice(0, words).join(' '),
});
