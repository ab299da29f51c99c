import assert from 'node:assert/strict';
import type { ConfigStep } from '../../lib/config/checked.js';
import { Sizes } from '../../lib/inputs/sizes.js';
import { promptSizeOf } from '../../lib/prepare/prompt-size.js';
import { newFlow } from '../helpers/flows.js';
import { folderWith } from '../helpers/folder.js';

function stepWith(text: string, schema: Record<string, unknown> | null = null): ConfigStep {
  const call = {
    model: 'm',
    baseUrl: null,
    keyName: null,
    serviceTier: null,
    maxOutputTokens: null,
    tools: [],
    shareable: true,
  };
  return {
    kind: 'config',
    where: 'steps[0]',
    name: 'draft',
    type: 'openai',
    previous: true,
    modelCall: { ...call, schema },
    leavesFiles: false,
    templates: [{ field: 'prompt', text }],
    create: () => assert.fail('nothing is made'),
  };
}

const base = folderWith({ 'a.md': 'x'.repeat(1000) });
const sizes = new Sizes([{ name: 'doc', base }]);
const flow = newFlow({
  output: 'before',
  outputs: { draft: 'earlier' },
  inputs: {
    doc: { path: 'a.md', sha256: null },
    gone: { path: 'b.md', sha256: null },
    n: { path: null, sha256: null, value: 'four' },
  },
});

describe('promptSizeOf', () => {
  const prompts: [string, number][] = [
    ['Review', 6],
    ['Review {{{doc}}}', 7 + 1000],
    ['{{{n}}}{{{gone}}}', 4],
    ['{{{previous}}} {{{steps.draft}}}', 6 + 1 + 7],
    ['{{{doc.path}}}', 40],
  ];
  for (const [prompt, size] of prompts) {
    it(`is ${size} characters for ${prompt}`, () => {
      assert.equal(promptSizeOf(stepWith(prompt), false, sizes)(flow), size);
    });
  }

  it('has the previous output, where that is appended', () => {
    assert.equal(promptSizeOf(stepWith('Go'), true, sizes)(flow), 2 + 6);
    assert.equal(promptSizeOf(stepWith('{{{previous}}}'), true, sizes)(flow), 6);
  });

  it('has the schema, which the model reads as well', () => {
    assert.equal(promptSizeOf(stepWith('Go', { type: 'object' }), false, sizes)(flow), 2 + 17);
  });
});
