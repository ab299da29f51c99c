import assert from 'node:assert/strict';
import { digestOfValue } from '../../../lib/step/fingerprint.js';
import type { CmdConfig } from '../../../lib/steps/cmd/config.js';
import { cmd } from '../../../lib/steps/cmd.js';
import { setup, worded } from '../../helpers/setup.js';

describe('cmd: what decides an output', () => {
  async function digestOf(changes: Partial<CmdConfig>): Promise<string | null> {
    const { fingerprint } = await cmd.create(
      { type: 'cmd', cmd: ['cat'], ...changes },
      setup({ template: worded }),
    );
    return digestOfValue(fingerprint?.static);
  }

  const others: readonly Partial<CmdConfig>[] = [{ cmd: ['wc'] }, { cmd: ['cat', '-'] }, { cmd: 'cat' }];
  for (const changes of others) {
    it(`another one with ${JSON.stringify(changes)}`, async () => {
      assert.notEqual(await digestOf(changes), await digestOf({}));
    });
  }

  it('the same one whatever the name, the time-out, the retries and the cap', async () => {
    const changes = { name: 'other', timeout: 5, retries: 2, parallel: 1 };
    assert.equal(await digestOf(changes), await digestOf({}));
  });
});
