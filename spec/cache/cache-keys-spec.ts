import assert from 'node:assert/strict';
import { CacheKeys, definitionsOf } from '../../lib/cache/cache-keys.js';
import type { Fingerprint } from '../../lib/step/fingerprint.js';
import { operator, type RunStep, step } from '../../lib/step/step.js';
import { newFlow } from '../helpers/flows.js';

function based(fixed: Fingerprint['static'], more: Partial<RunStep> = {}): RunStep {
  const fingerprint: Fingerprint = {
    static: fixed,
    labels: ['{{{previous}}}'],
    dynamic: ({ output }) => [output],
    shareable: true,
  };
  return { ...step('s', () => ''), fingerprint, ...more };
}

const flow = newFlow({ output: 'before' });
const keyOf = (step: RunStep, of = flow) => new CacheKeys([step]).identify(0, of)?.key;

describe('Keys', () => {
  it('are the same for the same fingerprint, whatever the name, the position, time-outs and retries', () => {
    const key = keyOf(based({ model: 'm' }));
    const other = based({ model: 'm' }, { name: 'other', timeout: 3, retries: 2, parallel: 1 });
    assert.equal(keyOf(other), key);
    const third = new CacheKeys([step('x', () => 'x'), operator('o', (flow$) => flow$), other]);
    assert.equal(third.identify(2, flow)?.key, key);
  });

  const others: readonly [string, RunStep, typeof flow][] = [
    ['what is fixed', based({ model: 'n' }), flow],
    ['what the flow has', based({ model: 'm' }), newFlow({ output: 'else' })],
    ['how its output is read', based({ model: 'm' }, { array: true }), flow],
    ['its version', based({ model: 'm' }, { version: '2' }), flow],
  ];
  for (const [title, step, of] of others) {
    it(`differ with ${title}`, () => {
      assert.notEqual(keyOf(step, of), keyOf(based({ model: 'm' })));
    });
  }

  it('count the steps that are alike: they are samples', () => {
    const keys = new CacheKeys([based({ n: 1 }), based({ n: 2 }), based({ n: 1 })]);
    assert.deepEqual(
      [0, 1, 2].map((index) => keys.identify(index, flow)?.occurrence),
      [0, 0, 1],
    );
    assert.equal(keys.identify(0, flow)?.key, keys.identify(2, flow)?.key);
  });

  it('stand for a flow and a branch', () => {
    const branch = newFlow({ id: 'aa', branch: [1] });
    assert.deepEqual(
      { ...new CacheKeys([based({})]).identify(0, branch), key: '', parts: [] },
      { flow: 'aa', branch: [1], occurrence: 0, key: '', parts: [] },
    );
  });

  it("don't exist for operators, and for functions without readable source", () => {
    const hidden = step('bound', (async () => '').bind(null));
    const keys = new CacheKeys([operator('o', (flow$) => flow$), hidden]);
    assert.deepEqual([keys.identify(0, flow), keys.identify(1, flow)], [null, null]);
  });

  it('say what they are made of', () => {
    const { parts = [] } = new CacheKeys([based({ model: 'm' })]).identify(0, flow) ?? {};
    assert.deepEqual(parts.slice(1), ['before']);
  });
});

describe('definitionsOf', () => {
  it('has the definitions of steps, by the digests in their keys', () => {
    const steps = [operator('o', (flow$) => flow$), based({ model: 'm' }, { name: 'draft', array: true })];
    const definitions = definitionsOf(steps);
    const [step = ''] = new CacheKeys(steps).identify(1, flow)?.parts ?? [];
    assert.deepEqual(definitions, {
      [step]: {
        name: 'draft',
        place: 1,
        fixed: { model: 'm', array: true, version: null },
        names: ['{{{previous}}}'],
      },
    });
  });

  it('has steps that are alike once, and none that can not be recognised', () => {
    const hidden = step('bound', (async () => '').bind(null));
    const odd = based({ pattern: /x/ });
    const definitions = definitionsOf([hidden, based({ n: 1 }), based({ n: 1 }), odd]);
    assert.deepEqual(
      Object.values(definitions).map(({ place }) => place),
      [1],
    );
  });
});
