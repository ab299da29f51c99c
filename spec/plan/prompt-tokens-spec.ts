import assert from 'node:assert/strict';
import type { StepForecast } from '../../lib/plan/step-forecast.js';
import { tokenizerFor } from '../../lib/plan/tokenizer.js';
import { planned, type ToPlan } from '../helpers/planned.js';

async function first(what: ToPlan): Promise<NonNullable<StepForecast['model']>> {
  const { forecast } = await planned(what);
  return forecast.steps[0]?.model ?? assert.fail('it asks no model');
}

async function tokensOf(...texts: readonly string[]): Promise<number> {
  const { count } = await tokenizerFor(null);
  return texts.reduce((sum, text) => sum + count(text), 0);
}

const files = {
  'a.md': 'The first document, a short one.',
  'b.md': 'Another one.\n',
  'r.md': 'Be kind and brief',
};

describe('promptTokens', () => {
  it('are those of every prompt as it is sent', async () => {
    const prompt = 'Review {{{doc}}} by {{{rule}}} please';
    const lists = { doc: ['a.md', 'b.md'], rule: ['r.md', 'a.md', 'b.md'] };
    const { input, prompt: how } = await first({ files, lists, steps: [{ type: 'openai', prompt }] });
    const prompts = lists.doc.flatMap((doc) =>
      lists.rule.map((rule) => prompt.replace('{{{doc}}}', text(doc)).replace('{{{rule}}}', text(rule))),
    );
    assert.deepEqual(input, { count: await tokensOf(...prompts), bound: 'exact' });
    assert.deepEqual([how.how, how.counted], ['exact', 6]);
  });

  function text(name: string): string {
    return Object.entries(files).find(([file]) => file === name)?.[1] ?? '';
  }

  it('count instructions and the schema, too', async () => {
    const schema = { type: 'object', properties: { grade: { type: 'number' } } };
    const { input } = await first({
      files,
      lists: { doc: ['a.md'] },
      steps: [{ type: 'openai', prompt: 'Grade {{{doc}}}', instructions: 'By {{{doc.file}}}', schema }],
    });
    const texts = [`Grade ${files['a.md']}`, 'By a.md', JSON.stringify(schema)];
    assert.equal(input.count, await tokensOf(...texts));
  });

  it('are counted for every line of a list, and once for equal ones that are shared', async () => {
    const what: ToPlan = {
      files,
      lists: { doc: ['a.md', 'a.md', 'a.md', 'b.md'], n: ['r.md', 'a.md'] },
      steps: [{ type: 'openai', prompt: '{{{doc}}}' }],
    };
    const [a, b] = [await tokensOf(files['a.md']), await tokensOf(files['b.md'])];
    assert.deepEqual((await first(what)).input, { count: 2 * (3 * a + b), bound: 'exact' });
    assert.deepEqual((await first({ ...what, share: true })).input, { count: a + b, bound: 'at most' });
  });

  it('have the paths that --append-filepath adds', async () => {
    const { input } = await first({
      files,
      lists: { doc: ['a.md'] },
      steps: [{ type: 'openai', prompt: 'Read {{{doc}}}!' }],
      appendFilepath: true,
    });
    assert.equal(input.count, await tokensOf(`Read ${files['a.md']}\na.md!`));
  });

  it('are at least those of the prompt where an earlier output is put in', async () => {
    const { forecast } = await planned({
      steps: [
        { type: 'openai', name: 'draft', prompt: 'Write a poem' },
        { type: 'openai', prompt: 'Shorten it' },
        { type: 'openai', prompt: 'Translate', previous: false },
        { type: 'openai', prompt: 'Compare {{{steps.draft}}}', previous: false },
      ],
    });
    const bounds = forecast.steps.map(({ model }) => model?.input.bound);
    assert.deepEqual(bounds, ['exact', 'at least', 'exact', 'at least']);
  });

  it('come from a sample where there are too many prompts', async () => {
    const many = Array.from({ length: 150 }, (_, n) => [`d${n}.md`, 'word '.repeat(n)] as const);
    const { input, prompt } = await first({
      files: Object.fromEntries(many),
      lists: { doc: many.map(([name]) => name), other: many.map(([name]) => name) },
      steps: [{ type: 'openai', prompt: '{{{doc}}} {{{other}}}' }],
    });
    assert.deepEqual([prompt.how, prompt.counted, input.bound], ['sample', 1000, 'about']);
    const exact = 150 * 150 * 150;
    assert.ok(Math.abs(input.count / exact - 1) < 0.02, `${input.count} for about ${exact}`);
  });

  it('go by the sizes of all files where they come from a sample: a long one counts that isn’t in it', async () => {
    const many = Array.from(
      { length: 150 },
      (_, n) => [`d${n}.md`, 'word '.repeat(n === 77 ? 100_000 : 20)] as const,
    );
    const names = many.map(([name]) => name);
    const { forecast } = await planned({
      files: { ...Object.fromEntries(many), 'other.md': 'word '.repeat(10) },
      lists: { doc: names, a: [...names.slice(0, 76), ...names.slice(78)] },
      steps: [{ type: 'openai', prompt: '{{{doc}}} {{{a.file}}}' }],
    });
    const { input, prompt } = forecast.steps[0]?.model ?? assert.fail();
    assert.equal(prompt.how, 'sample');
    const exact = 148 * (149 * 24 + 100_004);
    assert.ok(Math.abs(input.count / exact - 1) < 0.05, `${input.count} for about ${exact}`);
    assert.equal(forecast.dearest[0]?.inputs.doc, 'd77.md');
    assert.ok(Math.abs((forecast.dearest[0]?.inputTokens ?? 0) / 100_004 - 1) < 0.2);
  });

  it('are exact for a million flows that differ in something else', async () => {
    const { input } = await first({
      files,
      lists: { doc: ['a.md', 'b.md'], n: Array<string>(500_000).fill('r.md') },
      steps: [{ type: 'openai', prompt: '{{{doc}}}' }],
    });
    const each = await tokensOf(files['a.md'], files['b.md']);
    assert.deepEqual(input, { count: each * 500_000, bound: 'exact' });
  });

  it('tell of files that are no text, and go on', async () => {
    const { forecast, warnings } = await planned({
      files: { ...files, 'x.bin': Buffer.from([0xff, 0xfe, 0, 0x80]), 'y.bin': Buffer.from([0xff]) },
      lists: { doc: ['a.md', 'x.bin', 'y.bin'] },
      steps: [{ type: 'openai', prompt: '{{{doc}}}' }],
    });
    assert.equal(forecast.steps[0]?.model?.input.count, await tokensOf(files['a.md']));
    assert.match(
      warnings.map(({ where, message }) => `${where} ${message}`).join(),
      /x\.bin cannot be put in as UTF-8 text of at most 64 MiB, and 1 more; flows with it would fail$/,
    );
  });
});
