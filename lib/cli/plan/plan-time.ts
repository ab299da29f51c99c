import type { Forecast } from '../../plan/forecast.js';
import { formatDuration } from '../../progress/durations.js';

/** `time: about 14m, limited by parallel` */
export function timeLine({ time }: Forecast): string {
  const { ms, limit, unknown } = time;
  if (ms === null) return 'time: unknown';
  const without = unknown.length > 0 ? `; without ${unknown.join(', ')}, of which nothing is known` : '';
  return `time: about ${formatDuration(ms)}, limited by ${limit}${without}`;
}
