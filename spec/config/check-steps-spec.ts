import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { checkSteps } from '../../lib/config/check-steps.js';
import type { CheckOptions, ConfigStep } from '../../lib/config/checked.js';
import { defineStep, operator, step } from '../../lib/step.js';
import type { CommonFields, StepType } from '../../lib/steps/contract.js';
import { defineType } from '../../lib/steps/define-type.js';
import { folderWith } from '../helpers/folder.js';
import { contextWith, flowWith, setup } from '../helpers/setup.js';

interface Ask extends CommonFields {
  readonly prompt?: string | undefined;
  readonly promptFile?: string | undefined;
  readonly model?: string | undefined;
  readonly sandbox?: 'read-only' | 'write' | undefined;
  readonly workdir?: string | undefined;
  readonly bin?: string | undefined;
}

const ask: StepType<Ask> = {
  type: 'ask',
  fields: z.object({
    prompt: z.string().min(1).optional(),
    promptFile: z.string().min(1).optional(),
    model: z.string('name a model').optional(),
    sandbox: z.enum(['read-only', 'write']).optional(),
    workdir: z.string().min(1).optional(),
    bin: z.string().optional(),
  }),
  paths: ['promptFile', 'workdir'],
  programs: ['bin'],
  retries: 3,
  mistakes: ({ prompt, promptFile }) =>
    (prompt === undefined) === (promptFile === undefined)
      ? [{ field: 'prompt', message: 'expected one of prompt and promptFile' }]
      : [],
  templates: ({ prompt = '' }) => [{ field: 'prompt', text: prompt }],
  create: async (config) => ({ run: () => JSON.stringify(config) }),
};

interface Shell extends CommonFields {
  readonly cmd: string | readonly string[];
}

const shell: StepType<Shell> = {
  type: 'shell',
  fields: z.object({ cmd: z.union([z.string().min(1), z.array(z.string()).min(1)]) }),
  paths: [],
  retries: 0,
  templates: ({ cmd }) =>
    typeof cmd === 'string' ? [] : cmd.map((text, index) => ({ field: `cmd[${index}]`, text })),
  create: async ({ cmd }) => ({ run: () => String(cmd) }),
};

const defaultOptions: CheckOptions = {
  types: [defineType(ask), defineType(shell)],
  keys: [],
  folder: '/conf',
};
const keysOf = (...names: string[]) => names.map((name) => ({ name, values: false }));

async function check(steps: readonly unknown[], options: Partial<CheckOptions> = {}) {
  const checked = await checkSteps(steps, { ...defaultOptions, ...options });
  return { ...checked, issues: checked.issues.map(({ where, message }) => `${where}: ${message}`) };
}

/** The one step of a good config. */
async function only(config: unknown, options: Partial<CheckOptions> = {}): Promise<ConfigStep> {
  const { steps, issues } = await check([config], options);
  assert.deepEqual(issues, []);
  const [first] = steps;
  assert.ok(first?.kind === 'config');
  return first;
}

const good = { type: 'ask', prompt: 'Hi' };

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
        'steps[0]: expected an object, got "ask" (string)',
        'steps[1]: expected an object, got null',
        'steps[2]: expected an object, got a list',
      ],
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

/** What the type is given to create a step from; `ask` answers with it. */
async function configOf(step: ConfigStep): Promise<unknown> {
  const made = await step.create(setup());
  return 'run' in made ? JSON.parse(await made.run(flowWith(''), contextWith())) : made;
}

describe('checkSteps, files', () => {
  it('reads promptFile, relative to the config, as the prompt', async () => {
    const folder = folderWith({ 'prompts/p.md': '\ufeffSay {{{foo}}}' });
    const { templates } = await only(
      { type: 'ask', promptFile: 'prompts/p.md' },
      { folder, keys: keysOf('foo') },
    );
    assert.deepEqual(templates, [{ field: 'promptFile', text: 'Say {{{foo}}}' }]);
  });

  it('makes paths absolute, against the config’s folder', async () => {
    const folder = folderWith({ 'p.md': 'Hi' });
    const defaults = { ask: { workdir: '../work' } };
    const step = await only({ type: 'ask', promptFile: 'p.md' }, { folder, defaults });
    assert.deepEqual(await configOf(step), {
      type: 'ask',
      workdir: resolve(folder, '../work'),
      prompt: 'Hi',
    });
  });

  it('takes a program for a path only where it holds a slash', async () => {
    const folder = folderWith({});
    for (const [bin, expected] of [
      ['./tools/ask', resolve(folder, 'tools/ask')],
      ['ask', 'ask'],
    ]) {
      const step = await only({ ...good, bin }, { folder });
      assert.deepEqual(await configOf(step), { ...good, bin: expected });
    }
  });

  it('reports a promptFile that is missing, a directory, empty or no UTF-8', async () => {
    const folder = folderWith({ 'dir/x': '', empty: '', latin1: Buffer.from([0xe4]) });
    const steps = ['no.md', 'dir', 'empty', 'latin1'].map((promptFile) => ({ type: 'ask', promptFile }));
    assert.deepEqual((await check(steps, { folder })).issues, [
      `steps[0].promptFile: ${join(folder, 'no.md')} does not exist; paths in a config are relative to its folder`,
      `steps[1].promptFile: ${join(folder, 'dir')} is a directory; expected a text file`,
      'steps[2].promptFile: is empty',
      `steps[3].promptFile: ${join(folder, 'latin1')} is not UTF-8: invalid byte 0xe4 at position 0`,
    ]);
  });

  it('refuses prompt and promptFile both, without reading', async () => {
    const { issues } = await check([{ ...good, promptFile: 'no.md' }]);
    assert.deepEqual(issues, ['steps[0].prompt: expected one of prompt and promptFile']);
  });
});

describe('checkSteps, defaults', () => {
  it('fill in what a step leaves out', async () => {
    const defaults = { ask: { retries: 1, timeout: 5 }, shell: { timeout: 9 } };
    const { retries, timeout } = await only({ ...good, timeout: 7 }, { defaults });
    assert.deepEqual({ retries, timeout }, { retries: 1, timeout: 7 });
  });

  it('give way to the other kind of prompt', async () => {
    const folder = folderWith({ 'p.md': 'From the file' });
    const text = async (step: object, defaults: object) =>
      (await only({ type: 'ask', ...step }, { folder, defaults: { ask: defaults } })).templates[0]?.text;
    assert.equal(await text({ promptFile: 'p.md' }, { prompt: 'x' }), 'From the file');
    assert.equal(await text({ prompt: 'Mine' }, { promptFile: 'p.md' }), 'Mine');
    assert.equal(await text({}, { promptFile: 'p.md' }), 'From the file');
  });

  const rows: [string, unknown, string[]][] = [
    ['no object', 5, ['defaults: expected an object, got 5 (number)']],
    ['an unknown type', { aks: {} }, ['defaults.aks: unknown type; known: ask, shell']],
    [
      'a type near another',
      { shel: {} },
      ['defaults.shel: unknown type; did you mean "shell"?; known: ask, shell'],
    ],
    ['fields that are no object', { ask: [] }, ['defaults.ask: expected an object, got a list']],
    [
      'an unknown field',
      { ask: { modle: 'x' } },
      ['defaults.ask.modle: unknown field; did you mean "model"?'],
    ],
    [
      'a name and a type',
      { ask: { name: 'x', type: 'ask' } },
      [
        'defaults.ask.name: cannot stand in defaults: every step has its own',
        'defaults.ask.type: cannot stand in defaults: every step has its own',
      ],
    ],
    [
      'a wrong value, once',
      { ask: { timeout: 'x', sandbox: 'no' } },
      [
        'defaults.ask.timeout: expected a number, got "x" (string)',
        'defaults.ask.sandbox: expected "read-only" or "write", got "no" (string)',
      ],
    ],
  ];
  for (const [title, defaults, issues] of rows) {
    it(`report ${title}`, async () =>
      assert.deepEqual((await check([good, good], { defaults })).issues, issues));
  }
});

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

describe('checkSteps, placeholders', () => {
  const prompt = (text: string, name?: string) => ({ type: 'ask', prompt: text, ...(name && { name }) });
  const keys = [...keysOf('foo', 'bar'), { name: 'n', values: true }];

  const rows: [string, unknown[], string[]][] = [
    [
      'an unknown key',
      [prompt('{{{fooo}}}')],
      ['{{{fooo}}} is not defined; did you mean {{{foo}}}? Keys: foo, bar, n'],
    ],
    [
      'an unknown key, once a template',
      [prompt('{{{x}}} {{{x}}}')],
      ['{{{x}}} is not defined. Keys: foo, bar, n'],
    ],
    [
      'an unknown key’s path',
      [prompt('{{{fooo.path}}}')],
      ['{{{fooo.path}}} is not defined; did you mean {{{foo.path}}}? Keys: foo, bar, n'],
    ],
    [
      'an unknown part of a key',
      [prompt('{{{foo.pth}}}')],
      ['{{{foo.pth}}} is not defined; did you mean {{{foo.path}}}? Keys: foo, bar, n'],
    ],
    [
      'a path of a value',
      [prompt('{{{n.path}}}')],
      ['{{{n.path}}} stands for a path, but key n has values; use {{{n}}}'],
    ],
    [
      'previous in the first step',
      [prompt('{{{previous}}}')],
      ['{{{previous}}} has nothing to stand for: the first step has no previous output'],
    ],
    ['steps alone', [prompt('{{{steps}}}')], ['{{{steps}}} is not defined. Keys: foo, bar, n']],
    [
      'the step itself',
      [prompt('{{{steps.a}}}', 'a')],
      ['{{{steps.a}}} is this step itself; only outputs of earlier steps can be put in'],
    ],
    [
      'a later step',
      [prompt('{{{steps.b}}}'), prompt('x', 'b')],
      ['{{{steps.b}}} is a later step (steps[1]); only outputs of earlier steps can be put in'],
    ],
  ];
  for (const [title, steps, messages] of rows) {
    it(`refuse ${title}`, async () => {
      const { issues } = await check(steps, { keys });
      assert.deepEqual(
        issues,
        messages.map((message) => `steps[0].prompt: ${message}`),
      );
    });
  }

  it('refuse an unknown step, and suggest one', async () => {
    const { issues } = await check([prompt('x', 'draft'), prompt('{{{steps.drft}}}')]);
    assert.deepEqual(issues, [
      'steps[1].prompt: {{{steps.drft}}} is not defined; did you mean {{{steps.draft}}}? Earlier steps: draft',
    ]);
  });

  it('list only the steps that can be referred to', async () => {
    const steps = [
      prompt('x', 'a b'),
      { type: 'akk' },
      good,
      good,
      prompt('x', 'sum'),
      prompt('{{{steps.other}}}'),
    ];
    const { issues } = await check(steps);
    assert.equal(issues.at(-1), 'steps[5].prompt: {{{steps.other}}} is not defined. Earlier steps: sum');
  });

  it('refuse a default name that stands twice', async () => {
    const { issues } = await check([
      prompt('a'),
      prompt('b'),
      { type: 'shell', cmd: ['x', '{{{steps.ask}}}'] },
    ]);
    assert.deepEqual(issues, [
      'steps[2].cmd[1]: {{{steps.ask}}} is ambiguous: steps[0] and steps[1] are both called that; give the one you mean a name',
    ]);
  });

  it('refuse a step whose name no placeholder can hold', async () => {
    const { issues } = await check([
      prompt('x', 'my step'),
      prompt('y', 'v1.2'),
      prompt('{{{steps.my step}}}'),
      prompt('{{{steps.v1.2}}} \\{{{steps.my step}}}'),
      prompt('{{{steps.my.step}}}'),
    ]);
    assert.deepEqual(issues, [
      'steps[4].prompt: {{{steps.my.step}}} is not defined. Keys: none, define one with --key name:list.txt',
      'steps[2].prompt: {{{steps.my step}}} cannot refer to "my step": letters, digits, _ and - only; give that step another name',
      'steps[3].prompt: {{{steps.v1.2}}} cannot refer to "v1.2": letters, digits, _ and - only; give that step another name',
    ]);
  });

  it('say how to define a key where there is none', async () => {
    const { issues } = await check([prompt('{{{foo}}}')]);
    assert.deepEqual(issues, [
      'steps[0].prompt: {{{foo}}} is not defined. Keys: none, define one with --key foo:list.txt',
    ]);
  });

  it('may name keys, the previous output and earlier steps, named or the only one of their type', async () => {
    const { issues, contents, kept, unused } = await check(
      [
        prompt('{{{foo}}} {{{bar.path}}} {{{bar.file}}}', 'draft'),
        step('score', () => ''),
        prompt('{{{previous}}} {{{steps.draft}}} {{{steps.score}}}'),
        { type: 'shell', cmd: ['x', '{{{steps.ask}}}'] },
      ],
      { keys },
    );
    assert.deepEqual(issues, []);
    assert.deepEqual([...contents], ['foo']);
    assert.deepEqual([...kept], ['draft', 'score', 'ask']);
    assert.deepEqual(unused, []);
  });

  it('tell the keys that no step uses', async () => {
    assert.deepEqual((await check([prompt('{{{foo.file}}} \\{{{bar}}}')], { keys })).unused, ['bar', 'n']);
  });

  it('are looked at beside other mistakes in the same step', async () => {
    const steps = [
      { ...prompt('{{{fooo}}}'), x: 1 },
      { ...prompt('{{{fooo}}}'), timeout: 0 },
      { ...prompt('{{{fooo}}}'), workdir: 5 },
      { ...prompt('{{{fooo}}}'), promptFile: 'no.md' },
    ];
    const { issues } = await check(steps, { keys: keysOf('foo') });
    assert.deepEqual(issues, [
      'steps[0].x: unknown field',
      'steps[1].timeout: expected a number above 0, got 0 (number)',
      'steps[2].workdir: expected a string, got 5 (number)',
      'steps[3].prompt: expected one of prompt and promptFile',
      ...[0, 1, 2, 3].map(
        (index) => `steps[${index}].prompt: {{{fooo}}} is not defined; did you mean {{{foo}}}? Keys: foo`,
      ),
    ]);
  });

  it('know of a step that has issues of its own', async () => {
    const { issues } = await check([{ ...good, name: 'draft', x: 1 }, prompt('{{{steps.draft}}}')]);
    assert.deepEqual(issues, ['steps[0].x: unknown field']);
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
    assert.deepEqual((await check([step('x', () => '')], { keys: keysOf('foo') })).unused, []);
  });
});
