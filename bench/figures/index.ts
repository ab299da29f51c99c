import type { Figure } from '../shapes.js';
import { backPressure } from './back-pressure.js';
import { closeToTheLimit } from './close-to-the-limit.js';
import { codex } from './codex.js';
import { http } from './http.js';
import { journalCost } from './journal-cost.js';
import { linesKept } from './journal-lines.js';
import { goingOn } from './journal-resume.js';
import { limits } from './limits.js';
import { limitsLive } from './limits-live.js';
import { memory } from './memory.js';
import { rateLimit } from './rate-limit.js';
import { rendering } from './rendering.js';
import { scheduler } from './scheduler.js';
import { startUp } from './start-up.js';
import { tenMillion } from './ten-million.js';

/** All that is measured, by the name that `--only` takes, in the order of the table. */
export const figures: Readonly<Record<string, Figure>> = {
  memory,
  scheduler,
  'ten-million': tenMillion,
  http,
  limit: closeToTheLimit,
  limits,
  'limits-live': limitsLive,
  'back-pressure': backPressure,
  'start-up': startUp,
  rendering,
  'rate-limit': rateLimit,
  'journal-lines': linesKept,
  'journal-cost': journalCost,
  'journal-resume': goingOn,
  codex,
};
