import assert from 'node:assert/strict';
import * as z from 'zod';
import { defineStep, operator, step } from '../../lib/step/step.js';
import { check, good, keysOf } from '../helpers/checked-steps.js';

describe('checkSteps, ready-made steps', () => {
  it('keep their positions and names among the others', async () => {
    const { steps, issues } = await check([
      step('score', () => ''),
      good,
      operator('calm', (flow$) => flow$),
      (flow$: unknown) => flow$,
    ]);
    assert.deepEqual(issues, []);
    assert.deepEqual(
      steps.map(({ kind, name, where }) => `${where} ${kind} ${name}`),
      ['steps[0] ready score', 'steps[1] config ask', 'steps[2] ready calm', 'steps[3] ready operator'],
    );
  });

  it('are checked for their options', async () => {
    const { issues } = await check([step('', () => '', { timeout: 0, retries: 0.5, parallel: 0 })]);
    assert.deepEqual(issues, [
      'steps[0].name: is empty',
      'steps[0].timeout: expected a number above 0, got 0 (number)',
      'steps[0].parallel: expected a number from 1 up, got 0 (number)',
      'steps[0].retries: expected a whole number, got 0.5 (number)',
    ]);
  });

  it('are made with a function, a kind and a type', async () => {
    const run = () => '';
    const score = defineStep({ type: 'score', options: z.object({}), run });
    const { issues } = await check([
      { ...step('x', run), run: undefined },
      { ...operator('y', (flow$) => flow$), operator: 'y' },
      { name: 'z', type: 'mine', run },
      { kind: 'run', name: 'w', type: 'mine', operator: run },
      { kind: 'run', name: 'v', run },
      score,
    ]);
    assert.deepEqual(issues, [
      'steps[0]: step "x" has no function',
      'steps[1]: operator "y" has no function',
      'steps[2]: step "z" has no kind; make it with step() or operator()',
      'steps[3]: step "w" has no function',
      'steps[4].type: is missing; expected a string',
      'steps[5]: a type of step, not a step; call it with its options',
    ]);
  });

  it('may be of a class', async () => {
    class Score {
      readonly kind = 'run';
      readonly name = 'score';
      readonly type = 'mine';
      run() {
        return '';
      }
    }
    const { steps, issues } = await check([new Score()]);
    assert.deepEqual(issues, []);
    assert.equal(steps[0]?.name, 'score');
  });

  it('cannot come from a file', async () => {
    const { issues } = await check([{ kind: 'run', name: 'x', type: 'ask', prompt: 'x', run: 'x' }]);
    assert.deepEqual(issues, [
      'steps[0].kind: unknown field; did you mean "bin"?',
      'steps[0].run: unknown field',
    ]);
  });

  it('may use any key', async () => {
    const keys = keysOf('foo');
    assert.deepEqual((await check([step('x', () => '')], { keys })).unused, []);
    const { unused, readsAnyKey } = await check([operator('x', (flow$) => flow$)], { keys });
    assert.deepEqual([unused, readsAnyKey], [['foo'], true]);
    assert.equal((await check([good])).readsAnyKey, false);
  });
});
