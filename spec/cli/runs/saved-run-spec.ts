import assert from 'node:assert/strict';
import { asSaved } from '../../../lib/cli/runs/saved-run.js';

describe('asKept', () => {
  it('keeps no secret of a `request`, wherever it stands', () => {
    const fixed = {
      prompt: ['Basic facts about tokens'],
      request: {
        max_output_tokens: 9,
        tools: [
          {
            type: 'mcp',
            server_url: 'https://me:hush@mcp.test/sse',
            authorization: 'hush',
            parameters: { properties: { token: { type: 'string' } }, required: ['token'] },
          },
        ],
        extra: { Authorization: 'hush', deep: [{ 'X-Api-Key': 'hush' }], other: 'Bearer hush' },
      },
    };
    const { d } = asSaved({ d: { name: 'a', place: 0, fixed, names: [] } });
    assert.deepEqual(d?.fixed, {
      prompt: ['Basic facts about tokens'],
      request: {
        max_output_tokens: 9,
        tools: [
          {
            type: 'mcp',
            server_url: 'https://[redacted]@mcp.test/sse',
            authorization: '[redacted]',
            parameters: { properties: { token: { type: 'string' } }, required: ['token'] },
          },
        ],
        extra: { Authorization: '[redacted]', deep: [{ 'X-Api-Key': '[redacted]' }], other: '[redacted]' },
      },
    });
  });

  it('keeps the names of what may be secret, and no values', () => {
    const fixed = {
      model: 'm=1',
      env: ['TOKEN'],
      config: ['model_provider=mine', 'model_providers.mine.http_headers.x=hush'],
      request: { headers: { 'x-key': 'hush' } },
    };
    const { d } = asSaved({ d: { name: 'a', place: 0, fixed, names: [] } });
    assert.deepEqual(d?.fixed, {
      model: 'm=1',
      env: ['TOKEN'],
      config: ['model_provider=[redacted]', 'model_providers.mine.http_headers.x=[redacted]'],
      request: { headers: { 'x-key': '[redacted]' } },
    });
  });
});
