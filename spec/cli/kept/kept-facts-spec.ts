import assert from 'node:assert/strict';
import { asKept } from '../../../lib/cli/kept/kept-facts.js';

describe('asKept', () => {
  it('keeps the names of what may be secret, and no values', () => {
    const fixed = {
      model: 'm=1',
      env: ['TOKEN'],
      config: ['model_provider=mine', 'model_providers.mine.http_headers.x=hush'],
      request: { headers: { 'x-key': 'hush' } },
    };
    const { d } = asKept({ d: { name: 'a', place: 0, fixed, names: [] } });
    assert.deepEqual(d?.fixed, {
      model: 'm=1',
      env: ['TOKEN'],
      config: ['model_provider=[redacted]', 'model_providers.mine.http_headers.x=[redacted]'],
      request: { headers: { 'x-key': '[redacted]' } },
    });
  });
});
