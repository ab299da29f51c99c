import assert from 'node:assert/strict';
import { StepFailure } from '../../../lib/errors.js';
import { startSimulation } from '../../../lib/simulate/server.js';
import { openaiCalls } from '../../helpers/openai-calls.js';

describe('openai, simulated', () => {
  const { llm, ask } = openaiCalls();

  it('answers without a key, labelled, and is told as simulated', async () => {
    const simulation = await startSimulation();
    const { outcome, facts } = await ask({}, { simulation, env: { http_proxy: 'http://127.0.0.1:1' } });
    await simulation.close();
    assert.match(String(outcome), /^\[simulated gpt-6-luna [0-9a-f]{8}\] Why\?$/);
    assert.equal(facts.simulated, true);
    assert.ok(facts.usage && facts.requestId);
    assert.equal(llm.requests.length, 0);
  });

  it('answers with a list where the step wants one', async () => {
    const simulation = await startSimulation();
    const { outcome } = await ask({ array: true }, { simulation, env: {} });
    await simulation.close();
    const list: unknown = JSON.parse(String(outcome));
    assert.ok(Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === 'string'));
  });

  it('answers with what a schema asks for, whatever its root', async () => {
    const simulation = await startSimulation();
    const tree = { type: 'array', items: { $ref: '#' }, maxItems: 2 };
    const named = { $ref: '#/$defs/mood', $defs: { mood: { enum: ['good'] } } };
    const { outcome: nested } = await ask({ schema: tree, array: true }, { simulation, env: {} });
    const { outcome: word } = await ask({ schema: named, api: 'chat' }, { simulation, env: {} });
    await simulation.close();
    assert.ok(Array.isArray(JSON.parse(String(nested))));
    assert.equal(word, '"good"');
  });

  it('fails at the rate asked for, worth another try at once', async () => {
    const simulation = await startSimulation({ fail: 1 });
    const { outcome, facts } = await ask({}, { simulation, env: {} });
    await simulation.close();
    assert.ok(outcome instanceof StepFailure);
    assert.deepEqual([outcome.kind, outcome.retryable, outcome.retryAfterMs], ['server', true, 1]);
    assert.equal(facts.simulated, true);
  });
});
