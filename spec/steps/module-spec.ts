import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import { run } from '../../lib/index.js';
import { folderWith } from '../helpers/folder.js';

const library = JSON.stringify(resolve(import.meta.dirname, '../../lib/index.ts'));
const zod = JSON.stringify(import.meta.resolve('zod'));

/** Modules as a user writes them, and a package in the folder's node_modules. */
const folder = folderWith({
  'shout.mjs': `import { step } from ${library};
    export default step('shout', async flow => flow.output.toUpperCase() + '!', { retries: 2 });`,
  'twice.mjs': `import { operator } from ${library};
    import { mergeMap, of } from ${JSON.stringify(import.meta.resolve('rxjs'))};
    export default operator('twice', mergeMap(flow => of(flow, { ...flow, output: 'again' })));`,
  'repeat.mjs': `import { defineStep } from ${library};
    import { z } from ${zod};
    export default defineStep({
      type: 'repeat',
      options: z.object({ times: z.int().min(1), mark: z.string().default('.') }),
      run: (flow, context, { times, mark }) => flow.output.repeat(times) + mark,
    });`,
  'trim.mjs': `import { defineStep } from ${library};
    export default defineStep({ type: 'trim', run: (flow, context, options) => flow.output.trim() + options });`,
  'eased.mjs': `import { defineStep } from ${library};
    import { z } from ${zod};
    export default defineStep({
      type: 'eased',
      options: z.object({ mark: z.string().default('.') }).default({ mark: '!' }),
      run: (flow, context, { mark }) => flow.output + mark,
    });`,
  'lacking.mjs': `import { defineStep } from ${library};
    export default defineStep({ type: 'x', options: { atLeast: 3 } });`,
  'empty.mjs': `export default { kind: 'run', name: 'x', type: 'function' };`,
  'throws.mjs': `export default { kind: 'run', name: 'x', type: 'function', run() { throw new Error('boom'); } };`,
  'long.mjs': `export default { kind: 'run', name: 'x', type: 'function', run: () => ' '.repeat(2 ** 26 + 1) };`,
  'broken.mjs': 'export default (;',
  'plain.mjs': 'export default 5;',
  'node_modules/flow-tools/package.json':
    '{"name":"flow-tools","type":"module","exports":{"import":"./main.js"}}',
  'node_modules/flow-tools/main.js': `export default { kind: 'run', name: 'x', type: 'function', run: () => 'packed' };`,
});

function records(...steps: { type: string; [field: string]: unknown }[]) {
  const generated = resolve(folder, 'generated');
  return lastValueFrom(run({ steps, folder, generated }).results$.pipe(toArray()));
}

const hello = { type: 'cmd', cmd: ['echo', 'hello'] };

describe('module', () => {
  it('runs a step from a file, relative to the config', async () => {
    const [record] = await records(hello, { type: 'module', module: './shout.mjs' });
    assert.equal(record?.output, 'HELLO!');
    assert.deepEqual([record?.steps[1]?.name, record?.steps[1]?.type], ['module', 'module']);
  });

  it('fails the flow whose output is too large', async () => {
    const [record] = await records({ type: 'module', module: './long.mjs' });
    assert.deepEqual(
      [record?.error?.kind, record?.error?.message],
      ['bad_output', 'the output of ./long.mjs has more than 67108864 characters'],
    );
  });

  it('runs an operator', async () => {
    const found = await records(hello, { type: 'module', module: './twice.mjs', name: 'twice' });
    assert.deepEqual(
      found.map(({ output }) => output),
      ['hello', 'again'],
    );
  });

  it('makes a step with options, defaults filled in', async () => {
    const step = { type: 'module', module: './repeat.mjs', options: { times: 2 } };
    const [record] = await records(hello, step);
    assert.equal(record?.output, 'hellohello.');
  });

  it('makes a step without options', async () => {
    const [record] = await records(hello, { type: 'module', module: './trim.mjs' });
    assert.equal(record?.output, 'helloundefined');
  });

  it('lets a schema fill in options that are left out, all at once or each', async () => {
    const [all] = await records(hello, { type: 'module', module: './eased.mjs' });
    const [each] = await records(hello, { type: 'module', module: './eased.mjs', options: {} });
    assert.deepEqual([all?.output, each?.output], ['hello!', 'hello.']);
  });

  it('finds a package as a file in the config’s folder would', async () => {
    const [record] = await records({ type: 'module', module: 'flow-tools' });
    assert.equal(record?.output, 'packed');
  });

  it('names the module that throws', async () => {
    const [record] = await records({ type: 'module', module: './throws.mjs', name: 'score' });
    assert.deepEqual(
      [record?.error?.step, record?.error?.kind, record?.error?.message],
      ['score', 'operator', './throws.mjs threw: boom'],
    );
  });

  const mistakes: [title: string, fields: object, message: RegExp][] = [
    [
      'a missing file',
      { module: './no.mjs' },
      /steps\[0\]\.module: cannot load \.\/no\.mjs: Cannot find module/,
    ],
    [
      'a missing package',
      { module: 'no-such' },
      /steps\[0\]\.module: cannot load no-such: Cannot find package/,
    ],
    [
      'fields that an operator has not',
      { module: './twice.mjs', array: true, timeout: 1 },
      /steps\[0\]\.timeout: its module exports an operator, which has none.*\n.*steps\[0\]\.array: its module/,
    ],
    ['a syntax error', { module: './broken.mjs' }, /cannot load \.\/broken\.mjs: .+/],
    [
      'an export that isn’t a step',
      { module: './plain.mjs' },
      /the default export of \.\/plain\.mjs isn't a step; make it with/,
    ],
    [
      'options that do not fit',
      { module: './repeat.mjs', options: { times: 0 } },
      /steps\[0\]\.options\.times: Too small/,
    ],
    ['missing options', { module: './repeat.mjs' }, /steps\[0\]\.options\.times: Invalid input/],
    [
      'options for a step without',
      { module: './shout.mjs', options: {} },
      /steps\[0\]\.options: \.\/shout\.mjs takes none/,
    ],
    [
      'options for a definition without',
      { module: './trim.mjs', options: { a: 1 } },
      /^ConfigError: steps\[0\]\.options: it takes no options: its definition has none; leave them out$/,
    ],
    [
      'a definition that lacks something',
      { module: './lacking.mjs' },
      /cannot load \.\/lacking\.mjs: defineStep\.run: expected a function .*; defineStep\.options: expected a schema/,
    ],
    [
      'a step without a function',
      { module: './empty.mjs' },
      /the default export of \.\/empty\.mjs isn't a step/,
    ],
    ['no module', {}, /steps\[0\]\.module/],
  ];
  for (const [title, fields, message] of mistakes) {
    it(`refuses ${title}`, async () => {
      await assert.rejects(records({ type: 'module', ...fields }), message);
    });
  }
});
