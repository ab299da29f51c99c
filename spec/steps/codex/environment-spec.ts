import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentFor } from '../../../lib/steps/codex/environment.js';

describe('the environment of codex', () => {
  const fresh = mkdtempSync(join(tmpdir(), 'codex-home-'));
  const signedIn = mkdtempSync(join(tmpdir(), 'codex-home-'));
  writeFileSync(join(signedIn, 'auth.json'), '{}');

  it('offers OPENAI_API_KEY as CODEX_API_KEY where there is no login', async () => {
    const env = await environmentFor({ CODEX_HOME: fresh, OPENAI_API_KEY: 'k', A: '1' });
    assert.deepEqual(env, { CODEX_HOME: fresh, OPENAI_API_KEY: 'k', CODEX_API_KEY: 'k', A: '1' });
  });

  it('keeps OPENAI_API_KEY from a codex that has its own login', async () => {
    const env = await environmentFor({ CODEX_HOME: signedIn, OPENAI_API_KEY: 'k' });
    assert.deepEqual(env, { CODEX_HOME: signedIn });
  });

  it('looks for the login in HOME where CODEX_HOME is not set', async () => {
    assert.equal((await environmentFor({ HOME: fresh, OPENAI_API_KEY: 'k' })).CODEX_API_KEY, 'k');
  });

  it('looks for the login in a CODEX_HOME that the step sets', async () => {
    const env = await environmentFor({ HOME: fresh, OPENAI_API_KEY: 'k' }, { CODEX_HOME: signedIn });
    assert.deepEqual(env, { HOME: fresh, CODEX_HOME: signedIn });
  });

  it("leaves a user's own CODEX_API_KEY as it is", async () => {
    const env = await environmentFor({ HOME: fresh, OPENAI_API_KEY: 'k', CODEX_API_KEY: 'own' });
    assert.equal(env.CODEX_API_KEY, 'own');
  });

  it('passes OPENAI_API_KEY on beside a login where the step names it', async () => {
    const env = await environmentFor({ CODEX_HOME: signedIn, OPENAI_API_KEY: 'k' }, ['OPENAI_API_KEY']);
    assert.deepEqual(env, { CODEX_HOME: signedIn, OPENAI_API_KEY: 'k' });
  });

  it('never passes OPENAI_ADMIN_KEY on by itself', async () => {
    assert.deepEqual(await environmentFor({ HOME: fresh, OPENAI_ADMIN_KEY: 'k' }), { HOME: fresh });
  });
});
