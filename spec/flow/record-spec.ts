import assert from 'node:assert/strict';
import { StepFailure } from '../../lib/errors.js';
import { failed, type StepRecord } from '../../lib/flow/flow.js';
import { toRecord } from '../../lib/flow/record.js';
import { newFlow } from '../helpers/flows.js';

const usage = { inputTokens: 10, cachedInputTokens: 3, outputTokens: 20, reasoningTokens: 5 };

function stepRecord(facts: Partial<StepRecord> = {}): StepRecord {
  return {
    name: 'draft',
    type: 'openai',
    status: 'done',
    startedAt: '1970-01-01T00:00:00.000Z',
    ms: 5,
    attempts: 1,
    ...facts,
  };
}

describe('toRecord', () => {
  it('holds all that the contract names, in its order', () => {
    const flow = newFlow({
      index: 17,
      branch: [2],
      output: 'text',
      inputs: { foo: { path: 'docs/a.md', sha256: 'ab' } },
      steps: [stepRecord({ usage, costUsd: 0.25, model: 'm', requestId: 'r', simulated: true })],
      startedAt: 100,
    });
    assert.equal(
      JSON.stringify(toRecord(flow, 'draft', 150)),
      JSON.stringify({
        flow: flow.id,
        index: 17,
        branch: [2],
        inputs: { foo: { path: 'docs/a.md', sha256: 'ab' } },
        status: 'done',
        output: 'text',
        path: null,
        simulated: true,
        steps: [
          {
            name: 'draft',
            type: 'openai',
            status: 'done',
            startedAt: '1970-01-01T00:00:00.000Z',
            ms: 5,
            attempts: 1,
            usage,
            costUsd: 0.25,
            model: 'm',
            requestId: 'r',
            simulated: true,
          },
        ],
        ms: 50,
        usage,
        costUsd: 0.25,
        error: null,
      }),
    );
  });

  it('leaves out what is not there', () => {
    const keys = Object.keys(toRecord(newFlow(), undefined, 0));
    assert.deepEqual(keys, [
      'flow',
      'index',
      'inputs',
      'status',
      'output',
      'path',
      'steps',
      'ms',
      'usage',
      'costUsd',
      'error',
    ]);
  });

  it('adds up the tokens of its steps', () => {
    const flow = newFlow({ steps: [stepRecord({ usage }), stepRecord({ usage }), stepRecord()] });
    assert.equal(toRecord(flow, 'draft', 0).usage.outputTokens, 40);
  });

  it('adds up what they cost, without the dust of fractions', () => {
    const steps = [stepRecord({ usage, costUsd: 0.1 }), stepRecord({ costUsd: 0.2 }), stepRecord()];
    assert.equal(toRecord(newFlow({ steps }), 'draft', 0).costUsd, 0.3);
    assert.equal(toRecord(newFlow(), undefined, 0).costUsd, 0);
  });

  it('doesn’t know what it cost where one step doesn’t', () => {
    const costOf = (step: StepRecord) =>
      toRecord(newFlow({ steps: [stepRecord({ costUsd: 1 }), step] }), 'draft', 0).costUsd;
    assert.equal(costOf(stepRecord({ usage, costUsd: null })), null);
    assert.equal(costOf(stepRecord({ usage })), null);
  });

  it('names the final message file only when the last step wrote one', () => {
    const codex = stepRecord({ name: 'fix', path: 'generated/codex_exec_x/final_message.txt' });
    const pathOf = (steps: StepRecord[], last: string) => toRecord(newFlow({ steps }), last, 0).path;
    assert.equal(pathOf([stepRecord(), codex], 'fix'), codex.path);
    assert.equal(pathOf([codex, stepRecord()], 'draft'), null);
    assert.equal(pathOf([codex], 'an operator'), null);
  });

  it('names it after a join, too, which leaves the steps of all branches', () => {
    const codex = stepRecord({ name: 'fix', path: 'generated/codex_exec_x/final_message.txt' });
    const steps = [stepRecord(), stepRecord(), stepRecord(), codex];
    assert.equal(toRecord(newFlow({ steps }), 'fix', 0).path, codex.path);
  });

  it('has no output for a flow that failed, and says why', () => {
    const failure = new StepFailure('rate_limit', '429 slow down', { hint: 'lower --parallel', status: 429 });
    const record = toRecord(
      failed(
        newFlow({ output: 'x' }),
        failure,
        { name: 'draft', type: 'openai' },
        stepRecord({ status: 'failed', attempts: 4 }),
      ),
      'draft',
      0,
    );
    assert.equal(record.status, 'failed');
    assert.equal(record.output, null);
    assert.deepEqual(record.error, {
      step: 'draft',
      type: 'openai',
      kind: 'rate_limit',
      message: '429 slow down',
      hint: 'lower --parallel',
      status: 429,
      attempts: 4,
    });
  });

  it('keeps a line a line, whatever the output', () => {
    const line = JSON.stringify(toRecord(newFlow({ output: 'a\nb\u2028\ud800' }), undefined, 0));
    assert.equal(line.includes('\n'), false);
    assert.equal(JSON.parse(line).output, 'a\nb\u2028\ud800');
    assert.equal(Buffer.from(line).toString(), line);
  });

  it('has a record for a flow that ended without any', () => {
    const record = toRecord(newFlow({ output: 'x', status: 'dropped' }), undefined, 0);
    assert.deepEqual([record.status, record.output, record.error], ['dropped', null, null]);
  });
});
