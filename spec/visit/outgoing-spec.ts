import assert from 'node:assert/strict';
import { IDENTITY, type StepRecord } from '../../lib/flow/flow.js';
import { outgoing, replayed, shared } from '../../lib/visit/outgoing.js';
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
