import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Flow } from '../../lib/flow/flow.js';
import { Contents } from '../../lib/inputs/contents.js';
import { identifier } from '../../lib/inputs/identity.js';
import { type Key, pathKey, valueKey } from '../../lib/inputs/key.js';
import { product } from '../../lib/inputs/product.js';
import { folderWith } from '../helpers/folder.js';

const place = { name: 'draft', type: 'openai' };

function flowsOf(keys: readonly Key[], contents = new Contents()): Promise<Flow[]> {
  const identify = identifier({ keys, contents, wanted: new Set(), place });
  return Promise.all([...product(keys)].map((combination) => identify(combination, 1000)));
}

async function idsOf(...keys: Key[]): Promise<string[]> {
  return (await flowsOf(keys)).map(({ id }) => id);
}

describe('flow ids', () => {
  it('are 16 hex digits that stay the same from version to version', async () => {
    const folder = folderWith({ 'a.md': 'hello' });
    assert.deepEqual(await idsOf(pathKey('doc', folder, ['a.md']), valueKey('n', folder, ['1'])), [
      '28ba3b2f68da48e5',
    ]);
    assert.deepEqual(await idsOf(), ['9e3779b97f4a7c15']);
  });

  it('do not depend on the order of the keys', async () => {
    const [a, b] = [valueKey('a', '/', ['1', '2']), valueKey('b', '/', ['3', '4'])];
    assert.deepEqual((await idsOf(a, b)).sort(), (await idsOf(b, a)).sort());
  });

  it('do not depend on where a line stands or on the folder', async () => {
    const files = { 'a.md': 'A', 'b.md': 'B' };
    const [one, other] = [folderWith(files), folderWith(files)];
    const [a, b] = await idsOf(pathKey('doc', one, ['a.md', 'b.md']));
    assert.deepEqual(await idsOf(pathKey('doc', other, ['b.md', 'a.md'])), [b, a]);
  });

  it('change with the content, the path and the name of the key', async () => {
    const folder = folderWith({ 'a.md': 'A', 'same.md': 'A', 'changed/a.md': 'B' });
    const ids = [
      ...(await idsOf(pathKey('doc', folder, ['a.md', 'same.md', './a.md']))),
      ...(await idsOf(pathKey('doc', join(folder, 'changed'), ['a.md']))),
      ...(await idsOf(pathKey('text', folder, ['a.md']))),
    ];
    assert.equal(new Set(ids).size, 5);
  });

  it('tell repeats of a line apart, the same way in every run', async () => {
    const folder = folderWith({ 'a.md': 'A', 'b.md': 'B' });
    const ids = await idsOf(pathKey('doc', folder, ['a.md', 'b.md', 'a.md', 'a.md']));
    assert.equal(new Set(ids).size, 4);
    const [first, , second, third] = ids;
    assert.deepEqual(await idsOf(pathKey('doc', folder, ['a.md', 'a.md', 'a.md'])), [first, second, third]);
  });

  it('are unique for any values, repeated ones and lone surrogates included', async () => {
    const value = fc.oneof(fc.string(), fc.constantFrom('a', '', '\ud800', '\ud801', '\n', '","'));
    const values = fc.array(value, { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(values, values, async (a, b) => {
        const ids = await idsOf(valueKey('a', '/', a), valueKey('b', '/', b));
        assert.equal(new Set(ids).size, a.length * b.length);
      }),
    );
  });
});

describe('identifier', () => {
  it('makes a live flow with its inputs in the order of the keys', async () => {
    const folder = folderWith({ 'a.md': 'A' });
    const [flow] = await flowsOf([valueKey('n', '/', ['1']), pathKey('doc', folder, ['a.md'])]);
    assert.ok(flow);
    assert.deepEqual(flow.inputs, {
      n: { path: null, sha256: hash('sha256', '1'), value: '1' },
      doc: { path: 'a.md', sha256: hash('sha256', 'A') },
    });
    assert.deepEqual(Object.keys(flow.inputs), ['n', 'doc']);
    const { index, branch, output, status, steps, outputs, error, startedAt } = flow;
    assert.deepEqual(
      { index, branch, output, status, steps, outputs, error, startedAt },
      {
        index: 0,
        branch: [],
        output: '',
        status: 'live',
        steps: [],
        outputs: {},
        error: null,
        startedAt: 1000,
      },
    );
  });

  it('answers at once when the hashes are known', async () => {
    const folder = folderWith({ 'a.md': 'A' });
    const contents = new Contents();
    const keys = [pathKey('doc', folder, ['a.md'])];
    const identify = identifier({ keys, contents, wanted: new Set(), place });
    const [combination] = product(keys);
    assert.ok(combination);
    assert.ok(identify(combination, 0) instanceof Promise);
    await identify(combination, 0);
    assert.ok(!(identify(combination, 0) instanceof Promise));
  });

  it('gives all flows of an entry the same frozen input', async () => {
    const folder = folderWith({ 'a.md': 'A' });
    const flows = await flowsOf([valueKey('n', '/', ['1', '2']), pathKey('doc', folder, ['a.md'])]);
    const [first, second] = flows.map(({ inputs }) => inputs.doc);
    assert.equal(first, second);
    assert.ok(Object.isFrozen(first));
  });

  it('fails the flows, and only those, whose file vanished', async () => {
    const folder = folderWith({ 'a.md': 'A', 'b.md': 'B' });
    rmSync(join(folder, 'a.md'));
    const [a, b] = await flowsOf([pathKey('doc', folder, ['a.md', 'b.md'])]);
    assert.equal(a?.status, 'failed');
    assert.deepEqual(a?.error, {
      step: 'draft',
      type: 'openai',
      kind: 'input',
      message: 'a.md vanished during the run',
      attempts: 0,
    });
    assert.deepEqual(a?.inputs.doc, { path: 'a.md', sha256: null });
    assert.match(a?.id ?? '', /^[0-9a-f]{16}$/);
    assert.equal(b?.status, 'live');
  });

  it('keeps to the first hash of a file for the whole run', async () => {
    const folder = folderWith({ 'a.md': 'A' });
    const contents = new Contents();
    const keys = () => [pathKey('doc', folder, ['a.md'])];
    const [before] = await flowsOf(keys(), contents);
    writeFileSync(join(folder, 'a.md'), 'changed');
    const [after] = await flowsOf(keys(), contents);
    assert.equal(before?.id, after?.id);
  });
});
