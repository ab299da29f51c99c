import assert from 'node:assert/strict';
import { correctedInput, type SentInput } from '../../lib/plan/input-correction.js';

function sent(prompts: readonly number[], input: (prompt: number) => number): SentInput[] {
  return prompts.map((prompt) => ({ prompt, input: input(prompt) }));
}

const SHORT = [20, 25, 30, 35, 40, 45, 50, 55, 60, 65];
const MANY = 1000;
const LONG = 600_000;

describe('correctedInput', () => {
  it('adds what the API adds to each call', () => {
    const input = correctedInput(
      sent(SHORT, (prompt) => prompt + 8),
      MANY,
    );
    const { low, expected, high } = input(LONG);
    assert.equal(expected, LONG + 8);
    assert.ok(low > LONG && high < LONG + 20, `${low} ${high}`);
  });

  it('never multiplies a long prompt by what short ones were sent with', () => {
    const noise = [300, 900, 100, 700, 500, 1200, 200, 400, 800, 600];
    const calls = SHORT.map((prompt, n) => ({ prompt, input: prompt + (noise[n] ?? 0) }));
    const { expected, high } = correctedInput(calls, MANY)(LONG);
    assert.ok(Math.abs(expected - LONG - 570) < 1 && high < LONG + 1000, `${expected} ${high}`);
  });

  it('multiplies where another tokenizer counts, as far as it was tried', () => {
    const input = correctedInput(
      sent([100, 5000, LONG], (prompt) => 1.25 * prompt),
      MANY,
    );
    assert.ok(Math.abs(input(LONG).expected - 750_000) < 1);
    assert.ok(Math.abs(input(1000).expected - 1250) < 1);
  });

  it('keeps what was counted of a prompt that is longer than all that were tried, with room for both', () => {
    for (const factor of [0.78, 1.25]) {
      const input = correctedInput(
        sent(SHORT, (prompt) => Math.ceil(factor * prompt)),
        MANY,
      );
      const { low, expected, high } = input(LONG);
      assert.ok(Math.abs(expected - LONG) < 100, `${expected}`);
      assert.ok(low < 0.78 * LONG && high > 1.25 * LONG, `${low} ${high}`);
    }
  });

  it('is as counted where nothing differs', () => {
    const input = correctedInput(
      sent(SHORT, (prompt) => prompt),
      MANY,
    );
    assert.deepEqual(input(LONG), { low: LONG, expected: LONG, high: LONG });
  });
});
