import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StepFailure } from '../../lib/errors.js';
import { IDENTITY, type StepRecord } from '../../lib/flow/flow.js';
import { elementsOf, outgoing, replayed, shared } from '../../lib/visit/outgoing.js';
import { newFlow } from '../helpers/flows.js';

const IDENTITY_OF_IT = { flow: 'f', branch: [], occurrence: 0, key: 'k' };
const RECORD: StepRecord = {
  ...{ name: 'draft', type: 'openai', status: 'done', startedAt: '2026-11-22T12:00:00.000Z', ms: 7 },
  ...{ attempts: 2, costUsd: 0.5, model: 'm' },
  usage: { inputTokens: 1, cachedInputTokens: 0, outputTokens: 2, reasoningTokens: 0 },
  toolCalls: { web_search: 1 },
};
const options = { depth: 1, kept: new Set<string>() };

describe('outgoing', () => {
  it('is one flow with the new output', () => {
    const [flow, ...others] = outgoing(newFlow(), 'text', RECORD, options);
    assert.deepEqual([flow?.output, flow?.steps, flow?.branch, others], ['text', [RECORD], [], []]);
  });

  it('is a branch for each element, in order', () => {
    const flows = outgoing(newFlow(), ['a', 'b'], RECORD, options);
    assert.deepEqual(
      flows.map(({ output, branch }) => [output, branch]),
      [
        ['a', [0, 0]],
        ['b', [0, 1]],
      ],
    );
  });

  it('is dropped without any element, with what it had cost', () => {
    const flows = outgoing(newFlow(), [], RECORD, options);
    assert.deepEqual(
      flows.map(({ status, steps }) => [status, steps]),
      [['dropped', [RECORD]]],
    );
  });

  it('keeps the output where a later template asks for it', () => {
    const [flow] = outgoing(newFlow(), 'text', RECORD, { depth: 0, kept: new Set(['draft']) });
    assert.deepEqual(flow?.outputs, { draft: 'text' });
  });
});

describe('replayed', () => {
  it('has the names of now, and all that was recorded', () => {
    const record = replayed(RECORD, { name: 'new', type: 'openai' }, IDENTITY_OF_IT);
    assert.deepEqual({ ...record }, { ...RECORD, name: 'new', replayed: true, [IDENTITY]: IDENTITY_OF_IT });
  });
});

describe('shared', () => {
  it('has neither tokens nor cost nor attempts of its own', () => {
    const {
      usage,
      toolCalls,
      costUsd,
      ms,
      attempts,
      shared: isShared,
      model,
    } = shared(RECORD, { name: 'draft', type: 'openai' }, IDENTITY_OF_IT);
    assert.deepEqual(
      [usage, toolCalls, costUsd, ms, attempts, isShared, model],
      [undefined, undefined, undefined, 0, 0, true, 'm'],
    );
  });
});

describe('elementsOf', () => {
  const rows: [title: string, output: string, elements: string[]][] = [
    ['strings as they are', '["a","b c"]', ['a', 'b c']],
    [
      'numbers and objects as they stand there',
      '[1610521604143693812, {"n": 1.0,"10":1e400,"2":[9007199254740993]}]',
      ['1610521604143693812', '{"n": 1.0,"10":1e400,"2":[9007199254740993]}'],
    ],
    ['elements behind a byte order mark', '\ufeff["a",1]\r\n', ['a', '1']],
    ['other values as JSON', '[1,null,{"a":[2]},[3]]', ['1', 'null', '{"a":[2]}', '[3]']],
    ['nothing of an empty array', ' [] ', []],
    ['an array in a code fence', '```json\n["a"]\n```', ['a']],
    ['an array in a fence without a language', '\n```\n["a"]```\n', ['a']],
    ['strings that hold fences', '["```"]', ['```']],
  ];
  for (const [title, output, elements] of rows) {
    it(`takes ${title}`, () => assert.deepEqual(elementsOf(output), elements));
  }

  for (const output of ['', 'no list', '{"a":1}', '"a"', '[1,', 'Here it is:\n```json\n["a"]\n```']) {
    it(`refuses ${JSON.stringify(output)}`, () => {
      assert.throws(
        () => elementsOf(output),
        (error) =>
          error instanceof StepFailure &&
          error.kind === 'bad_output' &&
          error.retryable === true &&
          /expected a JSON array/.test(error.message),
      );
    });
  }

  it('gives back any strings', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (strings) => {
        assert.deepEqual(elementsOf(JSON.stringify(strings)), strings);
      }),
    );
  });

  for (const [title, output, message] of [
    [
      'more elements than a flow can have branches',
      `[${'1,'.repeat(100_000)}1]`,
      'the JSON array has 100001 elements; at most 100000 can become branches',
    ],
    [
      '100,000 brackets',
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      'the JSON array is nested deeper than the 1000 levels that can become branches',
    ],
  ] as const)
    it(`refuses ${title}`, () => {
      assert.throws(() => elementsOf(output), { kind: 'bad_output', message });
    });
});
