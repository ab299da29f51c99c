import assert from 'node:assert/strict';
import { check, good, only } from '../helpers/checked-steps.js';
import { folderWith } from '../helpers/folder.js';

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
        "defaults.ask.name: isn't allowed in defaults: every step has its own",
        "defaults.ask.type: isn't allowed in defaults: every step has its own",
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
