import assert from 'node:assert/strict';
import { FAILURES, StepFailure } from '../../lib/errors.js';
import { backOffMs, isWorthRetrying } from '../../lib/visit/retry.js';

describe('backOffMs', () => {
  it('doubles from half a second to half a minute', () => {
    const waits = [1, 2, 3, 10].map((attempts) => backOffMs(attempts, undefined, () => 0));
    assert.deepEqual(waits, [500, 1000, 2000, 30_000]);
  });

  it('takes up to a half off at random', () => {
    assert.equal(
      backOffMs(2, undefined, () => 1),
      500,
    );
  });

  it("obeys the server's wish, up to a minute", () => {
    assert.equal(backOffMs(1, 1234), 1234);
    assert.equal(backOffMs(1, 0), 0);
    assert.equal(backOffMs(1, 86_400_000), 60_000);
  });
});

describe('isWorthRetrying', () => {
  const once = new StepFailure('server', 'no answer', { retryable: 'once' });
  const down = new StepFailure('server', 'down');

  it('goes by the kind, unless the failure says it itself', () => {
    assert.ok(isWorthRetrying(down));
    assert.ok(!isWorthRetrying(new StepFailure('refused', 'no')));
    assert.ok(isWorthRetrying(new StepFailure('bad_output', 'no JSON', { retryable: true })));
    assert.ok(!isWorthRetrying(new StepFailure('server', 'never', { retryable: false })));
  });

  it('gives `once` one further attempt: a second failure alike is the last', () => {
    assert.ok(isWorthRetrying(once));
    assert.ok(isWorthRetrying(once, down));
    assert.ok(!isWorthRetrying(once, once));
  });
});

describe('FAILURES', () => {
  it('has another attempt for those kinds that it may cure', () => {
    const kinds = Object.entries(FAILURES).flatMap(([kind, { retry }]) => (retry ? [kind] : []));
    assert.deepEqual(kinds, ['timeout', 'rate_limit', 'server', 'network', 'exit', 'operator']);
  });
});
