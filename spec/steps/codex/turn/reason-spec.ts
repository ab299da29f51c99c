import assert from 'node:assert/strict';
import { resetTimeIn } from '../../../../lib/steps/codex/turn/reason.js';

const now = new Date(2026, 10, 22, 13, 30, 15).getTime();
const at = (...parts: [number, number, number, number, number]) => new Date(...parts).getTime();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('the time when a limit is reset', () => {
  const named: [string, number][] = [
    ["You've hit your usage limit. Try again at 3:45 PM.", at(2026, 10, 22, 15, 45)],
    ['… to purchase more credits or try again at 12:05 AM.', at(2026, 10, 22, 0, 5)],
    ['or try again at 12:05 PM.', at(2026, 10, 22, 12, 5)],
    ['You’ve hit your usage limit. Try again at Nov 25th, 2026 3:45 PM.', at(2026, 10, 25, 15, 45)],
    ['Switch to another model now, or try again at Jan 1st, 2027 9:00 AM.', at(2027, 0, 1, 9, 0)],
    ['try again at Feb 2nd, 2027 11:59 PM', at(2027, 1, 2, 23, 59)],
    ['try again at Mar 3rd, 2027 15:20', at(2027, 2, 3, 15, 20)],
    ['Upgrade to Pro or try again in 2 days 17 hours 14 minutes.', now + 65 * HOUR + 14 * MINUTE],
    ['Try again in 1 day, 1 hour and then some', now + 25 * HOUR],
    ['Try again in less than a minute.', now + MINUTE],
    ['Rate limit reached for gpt-5 on tokens per min. Please try again in 11.054s. Visit …', now + 11_054],
    ['Please try again in 6m0s.', now + 6 * MINUTE],
    ['Please try again in 1h2m3.5s.', now + HOUR + 2 * MINUTE + 3500],
    ['Please try again in 20ms.', now + 20],
    ['Please try again in 35 seconds', now + 35_000],
    ['{"error":{"type":"usage_limit_reached","resets_at": 1900000000}}', 1_900_000_000_000],
    ['{"error":{"plan_type":"plus","resets_in_seconds":3600}}', now + HOUR],
  ];
  for (const [message, time] of named) {
    it(`is known from ${message}`, () => assert.equal(resetTimeIn(message, now), time));
  }

  const unnamed = [
    "You've hit your usage limit. Try again later.",
    'exceeded retry limit, last status: 429 Too Many Requests',
    'try again at Foo 5th, 2026 3:45 PM',
    'try again at dawn',
    'try again in a while',
    'try again in 3 months',
    '{"resets_at":null}',
    '{"resets_at":9000000000000}',
    '',
  ];
  for (const message of unnamed) {
    it(`is unknown from "${message}"`, () => assert.equal(resetTimeIn(message, now), undefined));
  }
});
