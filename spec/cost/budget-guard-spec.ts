import assert from 'node:assert/strict';
import { BudgetGuard, CallReservation, type Refusal } from '../../lib/cost/budget-guard.js';
import { UsageLog } from '../../lib/cost/usage-log.js';
import { StepFailure } from '../../lib/errors.js';
import { NOTHING } from '../../lib/flow/spending.js';
import { type Pricing, step } from '../../lib/step/step.js';
import type { StoredCall } from '../../lib/store/contract.js';
import { newFlow } from '../helpers/flows.js';

function tokens(count: number) {
  return { inputTokens: count, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };
}

const ask = step('ask', () => '');
const flow = newFlow();

/** A token is a dollar; until a call has ended, six are assumed. */
function learning(): Pricing {
  let known: number | undefined;
  return {
    get isGuess() {
      return known === undefined;
    },
    expect: () => tokens(known ?? 6),
    learn: (_, { inputTokens }) => {
      known = inputTokens;
    },
    costOf: ({ inputTokens }) => inputTokens,
  };
}

function guardOf(maxCost: number) {
  const saved: StoredCall[] = [];
  const empty: Refusal[] = [];
  const usageLog = new UsageLog((call) => saved.push(call));
  const budgetGuard = new BudgetGuard({ limits: { maxCost }, before: NOTHING, usageLog });
  budgetGuard.refusals$.subscribe((refusal) => empty.push(refusal));
  return { budgetGuard, saved, empty };
}

function paid(payment: CallReservation | StepFailure | null): CallReservation {
  return payment instanceof CallReservation ? payment : assert.fail('it was not paid');
}

describe('BudgetGuard', () => {
  it('refuses nothing on an assumption while a call is under way that will tell more', () => {
    const { budgetGuard, empty } = guardOf(8);
    const pricing = learning();
    const first = paid(budgetGuard.pay(ask, pricing, flow));
    budgetGuard.charge({ costUsd: 3 });
    assert.equal(budgetGuard.pay(ask, pricing, flow), null);
    first.settle({ usage: tokens(1), costUsd: 1 });
    paid(budgetGuard.pay(ask, pricing, flow));
    assert.deepEqual([budgetGuard.spent.costUsd, empty], [4, []]);
  });

  it('refuses a call that no longer fits, and names the flow, its inputs and the remedy', () => {
    const { budgetGuard, empty } = guardOf(5);
    const inputs = {
      doc: { path: 'notes/big.md', sha256: null },
      tone: { path: null, sha256: null, value: 'kind' },
    };
    const refusal = budgetGuard.pay(ask, learning(), { ...flow, id: 'f00d', inputs });
    assert.ok(refusal instanceof StepFailure && refusal.kind === 'cancelled');
    assert.equal(
      refusal.message,
      "the budget doesn't allow it: $0.00 of $5.00 spent, and a first call of ask for flow f00d (doc notes/big.md, tone kind) is assumed to use $6.00",
    );
    assert.match(refusal.hint ?? '', /^Raise --max-cost.*, and resume the run\.$/);
    assert.deepEqual(
      empty.map(({ step, inARow }) => [step, inARow]),
      [['ask', 1]],
    );
  });

  it('counts how many calls it refuses one after the other', () => {
    const { budgetGuard, empty } = guardOf(7);
    const pricing = learning();
    for (let n = 0; n < 2; n++)
      budgetGuard.pay(ask, { ...pricing, isGuess: false, expect: () => tokens(9) }, flow);
    paid(budgetGuard.pay(ask, pricing, flow));
    budgetGuard.pay(ask, { ...pricing, isGuess: false, expect: () => tokens(9) }, flow);
    assert.deepEqual(
      empty.map(({ inARow }) => inARow),
      [1, 2, 1],
    );
  });

  it('refuses it at once, though a call is under way, when the usage of calls is known', () => {
    const { budgetGuard, empty } = guardOf(14);
    const pricing = learning();
    paid(budgetGuard.pay(ask, pricing, flow)).settle({ usage: tokens(6), costUsd: 6 });
    paid(budgetGuard.pay(ask, pricing, flow));
    budgetGuard.charge({ costUsd: 5 });
    assert.ok(budgetGuard.pay(ask, pricing, flow) instanceof StepFailure);
    assert.equal(empty.length, 1);
  });

  it('writes down a call before it is made, and what it used', () => {
    const { budgetGuard, saved } = guardOf(100);
    const payment = paid(budgetGuard.pay(ask, learning(), flow));
    payment.settle({ usage: tokens(2), costUsd: 2 });
    payment.end();
    assert.deepEqual(
      saved.map(({ tokens, costUsd, open }) => [tokens, costUsd, open]),
      [
        [6, 6, true],
        [2, 2, undefined],
      ],
    );
    assert.deepEqual(saved[0]?.call, saved[1]?.call);
  });

  it('counts the cost as expected where only the tokens are known, in the journal too', () => {
    const { budgetGuard, saved } = guardOf(100);
    paid(budgetGuard.pay(ask, learning(), flow)).settle({ usage: tokens(50), costUsd: null });
    assert.deepEqual(
      [budgetGuard.spent.tokens, budgetGuard.spent.costUsd, saved[1]?.tokens, saved[1]?.costUsd],
      [50, 6, 50, 6],
    );
  });

  it('counts an unknown usage as expected, and a call that was never made not at all', () => {
    const { budgetGuard, saved } = guardOf(100);
    paid(budgetGuard.pay(ask, learning(), flow)).settle({ costUsd: null });
    assert.equal(budgetGuard.spent.costUsd, 6);
    paid(budgetGuard.pay(ask, learning(), flow)).end();
    assert.equal(budgetGuard.spent.costUsd, 6);
    assert.deepEqual([saved[1]?.costUsd, saved[3]?.costUsd], [6, 0]);
  });
});
