import assert from 'node:assert/strict';
import * as z from 'zod';
import { defineStep, operator, step } from '../../lib/step/step.js';
import { check, good, keysOf, only } from '../helpers/checked-steps.js';

describe('checkSteps, fields', () => {
  const known = 'known types: ask, shell';
  const rows: [string, unknown[], string[]][] = [
    [
      'an unknown field',
      [good, { ...good, prmpt: 'x' }],
      ['steps[1].prmpt: unknown field; did you mean "prompt"?'],
    ],
    [
      'an unknown field like no other',
      [{ ...good, temperature: 1 }],
      ['steps[0].temperature: unknown field'],
    ],
    [
      'a misspelt field, which is not told as missing, too',
      [{ type: 'ask', promt: 'x' }],
      ['steps[0].promt: unknown field; did you mean "prompt"?'],
    ],
    [
      'a misspelt type',
      [{ tpye: 'ask', prompt: 'x' }],
      ['steps[0].tpye: unknown field; did you mean "type"?'],
    ],
    ['a field of another type', [{ ...good, cmd: 'ls' }], ['steps[0].cmd: unknown field']],
    [
      'an unknown type',
      [{ type: 'shel' }],
      [`steps[0].type: unknown type "shel"; did you mean "shell"?; ${known}`],
    ],
    ['a type like no other', [{ type: 'python' }], [`steps[0].type: unknown type "python"; ${known}`]],
    [
      'a missing type',
      [{ prompt: 'x' }],
      [`steps[0].type: is missing; expected the type of the step; ${known}`],
    ],
    [
      'a type that is no string',
      [{ type: 5 }],
      [`steps[0].type: expected the type of the step, got 5 (number); ${known}`],
    ],
    [
      'a step that is no object',
      ['ask', null, []],
      [
        'steps[0]: expected an object, got "ask" (string); write "type: ask"',
        'steps[1]: expected an object, got null',
        'steps[2]: expected an object, got a list',
      ],
    ],
    [
      'a schema that is too deep',
      [{ ...good, schema: JSON.parse(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`) }],
      ['steps[0]: is nested more than 200 levels deep'],
    ],
    [
      'a string for a number',
      [{ ...good, timeout: 'x' }],
      ['steps[0].timeout: expected a number, got "x" (string)'],
    ],
    [
      'a number for a string',
      [{ type: 'ask', prompt: 5 }],
      ['steps[0].prompt: expected a string, got 5 (number)'],
    ],
    [
      'a time-out of 0',
      [{ ...good, timeout: 0 }],
      ['steps[0].timeout: expected a number above 0, got 0 (number)'],
    ],
    [
      'parallel 0',
      [{ ...good, parallel: 0 }],
      ['steps[0].parallel: expected a number from 1 up, got 0 (number)'],
    ],
    [
      'parallel 1.5',
      [{ ...good, parallel: 1.5 }],
      ['steps[0].parallel: expected a whole number, got 1.5 (number)'],
    ],
    [
      'retries -1',
      [{ ...good, retries: -1 }],
      ['steps[0].retries: expected a number from 0 up, got -1 (number)'],
    ],
    [
      'previous that is no boolean',
      [{ ...good, previous: 'no' }],
      ['steps[0].previous: expected true or false, got "no" (string)'],
    ],
    ['an empty name', [{ ...good, name: '' }], ['steps[0].name: is empty']],
    [
      'a name with a line break',
      [{ ...good, name: 'a\nb' }],
      ['steps[0].name: must not hold line breaks or other control characters'],
    ],
    ['null for a field', [{ ...good, name: null }], ['steps[0].name: expected a string, got null']],
    [
      'a value that is none of the choices',
      [{ ...good, sandbox: 'wrte' }],
      ['steps[0].sandbox: expected "read-only" or "write", got "wrte" (string); did you mean "write"?'],
    ],
    ['a field with words of its own', [{ ...good, model: 5 }], ['steps[0].model: name a model']],
    [
      'a long value, shortened',
      [{ ...good, timeout: 'x'.repeat(99) }],
      [`steps[0].timeout: expected a number, got "${'x'.repeat(38)}… (string)`],
    ],
    [
      'none of two forms',
      [{ type: 'shell', cmd: 5 }],
      ['steps[0].cmd: expected a string or a list, got 5 (number)'],
    ],
    ['neither form given', [{ type: 'shell' }], ['steps[0].cmd: is missing; expected a string or a list']],
    [
      'a mistake inside of a form',
      [{ type: 'shell', cmd: ['a', 5] }],
      ['steps[0].cmd[1]: expected a string, got 5 (number)'],
    ],
    ['an empty form', [{ type: 'shell', cmd: [] }], ['steps[0].cmd: is empty']],
    [
      'what only the type knows',
      [{ type: 'ask' }],
      ['steps[0].prompt: expected one of prompt and promptFile'],
    ],
    [
      'all of it at once',
      [
        { type: 'ask', name: '', modle: 'x', prompt: 5 },
        { type: 'shell', cmd: 5 },
      ],
      [
        'steps[0].modle: unknown field; did you mean "model"?',
        'steps[0].name: is empty',
        'steps[0].prompt: expected a string, got 5 (number)',
        'steps[1].cmd: expected a string or a list, got 5 (number)',
      ],
    ],
  ];
  for (const [title, steps, issues] of rows) {
    it(`reports ${title}`, async () => assert.deepEqual((await check(steps)).issues, issues));
  }

  it('gives a good step its name, its options and what it creates', async () => {
    const { name, type, retries, timeout, parallel, previous, templates } = await only({
      ...good,
      name: 'draft',
      timeout: 1.5,
      parallel: 2,
      retries: 0,
      previous: false,
    });
    assert.deepEqual(
      { name, type, retries, timeout, parallel, previous, templates },
      {
        name: 'draft',
        type: 'ask',
        retries: 0,
        timeout: 1.5,
        parallel: 2,
        previous: false,
        templates: [{ field: 'prompt', text: 'Hi' }],
      },
    );
  });

  it('fills in the type’s name and retries', async () => {
    const { name, retries, previous } = await only(good);
    assert.deepEqual({ name, retries, previous }, { name: 'ask', retries: 3, previous: true });
  });
});

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
