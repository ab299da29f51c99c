import assert from 'node:assert/strict';
import { budgetLines } from '../../../lib/cli/plan/plan-text.js';
import type { RunOptions } from '../../../lib/run-options.js';
import { planned } from '../../helpers/planned.js';

/** Twenty flows of one call, each some thousand tokens of answer for less than a cent. */
async function linesFor(
  limits: Pick<RunOptions, 'maxCost' | 'maxTokens'>,
  model = 'gpt-5.4-mini',
): Promise<string[]> {
  const docs = Array.from({ length: 20 }, (_, n) => `${n}.md`);
  const { forecast } = await planned({
    steps: [{ type: 'openai', model, prompt: '{{{doc}}}' }],
    files: Object.fromEntries(docs.map((name) => [name, name])),
    lists: { doc: docs },
    ...limits,
  });
  return budgetLines(forecast);
}

describe('budgetLines', () => {
  it('are none where nothing limits the run', async () => {
    assert.deepEqual(await linesFor({}), []);
  });

  it('tell after how many flows a limit is reached', async () => {
    const [line = ''] = await linesFor({ maxCost: 0.045 });
    assert.match(line, /^--max-cost \$0\.05: reached after about 9 of 20 flows$/);
    assert.deepEqual(await linesFor({ maxTokens: 1 }), [
      '--max-tokens 1: below the low estimate; reached after about 0 of 20 flows',
    ]);
  });

  it('say if the budget is enough for the expected and the high estimate', async () => {
    assert.deepEqual(await linesFor({ maxCost: 100, maxTokens: 1e9 }), [
      '--max-cost $100.00: enough',
      '--max-tokens 1000000000: enough',
    ]);
    assert.deepEqual(await linesFor({ maxCost: 0.1 }), [
      '--max-cost $0.10: enough for the expected use, not for the high estimate',
    ]);
  });

  it('tell that a run without a price would be refused', async () => {
    assert.deepEqual(await linesFor({ maxCost: 1 }, 'nobodys-model'), [
      '--max-cost $1.00: the run would be refused, since the price of openai is unknown',
    ]);
  });
});
