import assert from 'node:assert/strict';
import { lastValueFrom, toArray } from 'rxjs';
import { run } from '../../lib/index.js';
import { limitedServer } from '../helpers/limited-server.js';
import { limitingProxy, limitingProxyKinds } from '../helpers/limiting-proxy.js';

describe('a run through a proxy that limits the rate', function () {
  this.slow(10_000);

  for (const kind of limitingProxyKinds) {
    it(`loses nothing: ${kind}`, async function () {
      await using server = await limitedServer({ latency: 30 });
      await using proxy = await limitingProxy(this, kind, server.baseUrl);
      const { results$ } = run({
        steps: [{ type: 'openai', prompt: 'Say {{{n}}}', baseUrl: proxy.baseUrl, retries: 0 }],
        keys: { n: { values: Array.from({ length: 100 }, (_, n) => `value ${n}`) } },
        parallel: 50,
      });
      const records = await lastValueFrom(results$.pipe(toArray()));
      assert.deepEqual(
        records.filter(({ status }) => status !== 'done').map(({ error }) => error?.message),
        [],
      );
      assert.equal(server.counts.answered, 100);
    });
  }
});
