import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Budget, type Reservation } from '../../lib/cost/budget.js';
import type { Spending } from '../../lib/flow/spending.js';

function dollars(costUsd: number): Spending {
  return { tokens: 0, costUsd };
}

function tokens(count: number): Spending {
  return { tokens: count, costUsd: 0 };
}

function reserved(budget: Budget, estimate: Spending): Reservation {
  const reservation = budget.reserve(estimate);
  if (typeof reservation === 'string') return assert.fail(`it is ${reservation}`);
  return reservation;
}

describe('Budget', () => {
  it('sets aside what a call is expected to cost, and settles with what it did', () => {
    const budget = new Budget({ maxCost: 1 });
    const call = reserved(budget, dollars(0.4));
    assert.equal(budget.spent.costUsd, 0);
    assert.equal(budget.reserve(dollars(0.7)), 'wait');
    budget.settle(call, dollars(0.1));
    assert.equal(budget.spent.costUsd, 0.1);
    reserved(budget, dollars(0.9));
  });

  it('is spent to the last cent', () => {
    const budget = new Budget({ maxCost: 0.3 });
    for (const cost of [0.1, 0.2]) budget.settle(reserved(budget, dollars(cost)), dollars(cost));
    assert.equal(budget.spent.costUsd, 0.3);
    assert.equal(budget.reserve(dollars(0.000000000001)), 'full');
  });

  it('has a call wait that fits only if those in flight cost less than expected', () => {
    const budget = new Budget({ maxCost: 1 });
    const first = reserved(budget, dollars(0.8));
    assert.equal(budget.reserve(dollars(0.5)), 'wait');
    budget.settle(first, dollars(0.5));
    reserved(budget, dollars(0.5));
  });

  it('is full for what cannot fit any more, whatever those in flight cost', () => {
    const budget = new Budget({ maxTokens: 100 });
    budget.settle(reserved(budget, tokens(80)), tokens(80));
    reserved(budget, tokens(10));
    assert.equal(budget.reserve(tokens(30)), 'full');
  });

  it('goes on where an earlier attempt stopped', () => {
    const budget = new Budget({ maxCost: 5, maxTokens: 1000 }, { tokens: 990, costUsd: 1 });
    assert.equal(budget.reserve({ tokens: 20, costUsd: 0.1 }), 'full');
    assert.deepEqual(budget.spent, { tokens: 990, costUsd: 1 });
  });

  it('settles a call once', () => {
    const budget = new Budget({ maxCost: 1 });
    const call = reserved(budget, dollars(0.4));
    budget.settle(call, dollars(0.1));
    budget.settle(call, dollars(0.1));
    assert.equal(budget.spent.costUsd, 0.1);
    reserved(budget, dollars(0.5));
    assert.equal(budget.reserve(dollars(0.5)), 'wait');
  });

  it('has no limits where none are given', () => {
    reserved(new Budget({}), { tokens: 1e15, costUsd: 2000 });
  });

  interface Call {
    readonly estimate: Spending;
    readonly real: Spending;
  }

  const spending = fc.record({
    tokens: fc.integer({ min: 0, max: 1000 }),
    costUsd: fc.integer({ min: 0, max: 1_000_000 }).map((micros) => micros / 1e6),
  });
  const simulation = fc.record({
    limits: fc.record({
      maxCost: fc.integer({ min: 0, max: 20 }),
      maxTokens: fc.integer({ min: 0, max: 20_000 }),
    }),
    calls: fc.array(fc.record({ estimate: spending, real: spending }), { maxLength: 100 }),
    parallel: fc.integer({ min: 1, max: 20 }),
    /** Which of those in flight ends next. */
    next: fc.infiniteStream(fc.nat()),
  });

  interface Limits {
    readonly maxCost: number;
    readonly maxTokens: number;
  }

  interface Outcome {
    readonly spent: Spending;
    /** By how much the calls in flight, when the last one was let in, exceeded their estimates. */
    readonly error: Limits;
    readonly refused: readonly Call[];
    readonly done: number;
  }

  function simulate({ limits, calls, parallel, next }: Simulated): Outcome {
    const budget = new Budget(limits);
    const waiting = [...calls];
    const inFlight: (Call & { reservation: Reservation })[] = [];
    const refused: Call[] = [];
    let error = { maxCost: 0, maxTokens: 0 };
    let done = 0;
    while (waiting.length > 0 || inFlight.length > 0) {
      const [call] = waiting;
      const reservation = call && inFlight.length < parallel ? budget.reserve(call.estimate) : 'wait';
      if (call && reservation === 'full') {
        refused.push(call);
        waiting.shift();
      } else if (call && typeof reservation === 'object') {
        waiting.shift();
        inFlight.push({ ...call, reservation });
        error = errorOf(inFlight);
      } else {
        const [ended] = inFlight.splice((next.next().value ?? 0) % inFlight.length, 1);
        assert.ok(ended, 'a call waits, and none is in flight');
        budget.settle(ended.reservation, ended.real);
        done++;
      }
    }
    const { tokens, costUsd } = budget.spent;
    const rest = { tokens: limits.maxTokens - tokens, costUsd: limits.maxCost - (costUsd ?? 0) };
    assert.notEqual(budget.reserve(rest), 'wait', 'something is set aside still');
    return { spent: budget.spent, error, refused, done };
  }

  function errorOf(calls: readonly Call[]): Limits {
    const sum = (of: (spending: Spending) => number) =>
      calls.reduce((sum, { estimate, real }) => sum + of(real) - of(estimate), 0);
    return { maxCost: sum(({ costUsd }) => costUsd ?? 0), maxTokens: sum(({ tokens }) => tokens) };
  }

  type Simulated = typeof simulation extends fc.Arbitrary<infer T> ? T : never;

  it('is overshot by no more than the estimates in flight were too low, in 1,000 simulations', () => {
    fc.assert(
      fc.property(simulation, (simulated) => {
        const { limits } = simulated;
        const { spent, error, refused, done } = simulate(simulated);
        const dust = 1e-9;
        assert.ok((spent.costUsd ?? 0) <= limits.maxCost + Math.max(0, error.maxCost) + dust);
        assert.ok(spent.tokens <= limits.maxTokens + Math.max(0, error.maxTokens));
        assert.equal(done + refused.length, simulated.calls.length);
        for (const { estimate } of refused) {
          const cost = (spent.costUsd ?? 0) + (estimate.costUsd ?? 0);
          const fits = cost <= limits.maxCost - dust && spent.tokens + estimate.tokens <= limits.maxTokens;
          assert.ok(!fits, 'what was refused would have fitted in the end');
        }
      }),
      { numRuns: 1000 },
    );
  });
});
