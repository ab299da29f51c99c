import assert from 'node:assert/strict';
import { step } from '../../lib/step/step.js';
import { check, good } from '../helpers/checked-steps.js';

describe('checkSteps, names', () => {
  it('are given once', async () => {
    const { issues } = await check([{ ...good, name: 'x' }, good, { ...good, name: 'x' }]);
    assert.deepEqual(issues, ['steps[2].name: "x" is already the name of steps[0]']);
  });

  it('of ready-made steps may stand twice, but then nothing can refer to them', async () => {
    const score = step('score', () => '');
    assert.deepEqual((await check([score, score])).issues, []);
    assert.deepEqual((await check([score, score, { type: 'ask', prompt: '{{{steps.score}}}' }])).issues, [
      'steps[2].prompt: {{{steps.score}}} is ambiguous: steps[0] and steps[1] are both called that; give the one you mean a name',
    ]);
  });

  it('may stand twice when they are the types’', async () => {
    const { issues, steps } = await check([good, good]);
    assert.deepEqual(issues, []);
    assert.deepEqual(
      steps.map(({ name }) => name),
      ['ask', 'ask'],
    );
  });
});
