import assert from 'node:assert/strict';
import { Book } from '../../lib/cost/book.js';
import { Payment, Purse, type Refusal } from '../../lib/cost/budget-guard.js';
import { NOTHING } from '../../lib/cost/spending.js';
import { StepFailure } from '../../lib/errors.js';
import { step, type Tariff } from '../../lib/step/step.js';
import type { StoredCall } from '../../lib/store/contract.js';
import { newFlow } from '../helpers/flows.js';

function tokens(count: number) {
  return { inputTokens: count, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };
}

const ask = step('ask', () => '');
const flow = newFlow();

/** A token is a dollar; until a call has ended, six are assumed. */
function learning(): Tariff {
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

function purseOf(maxCost: number) {
  const saved: StoredCall[] = [];
  const empty: Refusal[] = [];
  const book = new Book((call) => saved.push(call));
  const purse = new Purse({ limits: { maxCost }, before: NOTHING, book });
  purse.refusals$.subscribe((refusal) => empty.push(refusal));
  return { purse, saved, empty };
}

function paid(payment: Payment | StepFailure | null): Payment {
  return payment instanceof Payment ? payment : assert.fail('it was not paid');
}

describe('Purse', () => {
  it('refuses nothing on an assumption while a call is under way that will tell more', () => {
    const { purse, empty } = purseOf(8);
    const tariff = learning();
    const first = paid(purse.pay(ask, tariff, flow));
    purse.charge({ costUsd: 3 });
    assert.equal(purse.pay(ask, tariff, flow), null);
    first.settle({ usage: tokens(1), costUsd: 1 });
    paid(purse.pay(ask, tariff, flow));
    assert.deepEqual([purse.spent.costUsd, empty], [4, []]);
  });

  it('refuses what can’t be paid any more, and names the flow, its inputs and the way out', () => {
    const { purse, empty } = purseOf(5);
    const inputs = {
      doc: { path: 'notes/big.md', sha256: null },
      tone: { path: null, sha256: null, value: 'kind' },
    };
    const refusal = purse.pay(ask, learning(), { ...flow, id: 'f00d', inputs });
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
    const { purse, empty } = purseOf(7);
    const tariff = learning();
    for (let n = 0; n < 2; n++) purse.pay(ask, { ...tariff, isGuess: false, expect: () => tokens(9) }, flow);
    paid(purse.pay(ask, tariff, flow));
    purse.pay(ask, { ...tariff, isGuess: false, expect: () => tokens(9) }, flow);
    assert.deepEqual(
      empty.map(({ inARow }) => inARow),
      [1, 2, 1],
    );
  });

  it('refuses it at once, though a call is under way, when it knows what calls use', () => {
    const { purse, empty } = purseOf(14);
    const tariff = learning();
    paid(purse.pay(ask, tariff, flow)).settle({ usage: tokens(6), costUsd: 6 });
    paid(purse.pay(ask, tariff, flow));
    purse.charge({ costUsd: 5 });
    assert.ok(purse.pay(ask, tariff, flow) instanceof StepFailure);
    assert.equal(empty.length, 1);
  });

  it('writes down a call before it is made, and what it used', () => {
    const { purse, saved } = purseOf(100);
    const payment = paid(purse.pay(ask, learning(), flow));
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
    const { purse, saved } = purseOf(100);
    paid(purse.pay(ask, learning(), flow)).settle({ usage: tokens(50), costUsd: null });
    assert.deepEqual(
      [purse.spent.tokens, purse.spent.costUsd, saved[1]?.tokens, saved[1]?.costUsd],
      [50, 6, 50, 6],
    );
  });

  it('counts as expected what nobody knows, and not at all what was never called', () => {
    const { purse, saved } = purseOf(100);
    paid(purse.pay(ask, learning(), flow)).settle({ costUsd: null });
    assert.equal(purse.spent.costUsd, 6);
    paid(purse.pay(ask, learning(), flow)).end();
    assert.equal(purse.spent.costUsd, 6);
    assert.deepEqual([saved[1]?.costUsd, saved[3]?.costUsd], [6, 0]);
  });
});
