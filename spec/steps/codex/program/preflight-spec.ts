import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../../../lib/errors.js';
import { Artefacts } from '../../../../lib/steps/artefacts.js';
import type { CodexConfig } from '../../../../lib/steps/codex/config.js';
import { codex } from '../../../../lib/steps/codex.js';
import type { StepEnvironment } from '../../../../lib/steps/contract.js';
import { codexBins, codexPlace, type Place, requireCodex, sandboxWorks } from '../../../helpers/codex.js';
import { folderWith } from '../../../helpers/folder.js';
import { setup } from '../../../helpers/setup.js';

/** Makes the step, in a place of its own; tells what it said to the user. */
async function noticesOf(
  place: Place,
  config: Partial<CodexConfig> = {},
  overrides: Partial<StepEnvironment> = {},
) {
  const notices: string[] = [];
  const { workdir, env, generated } = place;
  const whole = setup({
    workdir,
    env,
    artefacts: new Artefacts(generated),
    notice: (line) => notices.push(line),
    allow: { dirty: false, sharedWorkdir: true, danger: true },
    ...overrides,
  });
  await codex.create({ type: 'codex', prompt: 'Say hello', ...config }, whole);
  return notices;
}

/** What is wrong, as the user is told. */
async function issuesOf(place: Place, config: Partial<CodexConfig> = {}, env: StepEnvironment['env'] = {}) {
  try {
    await noticesOf(place, config, { env: { ...place.env, ...env } });
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.issues.map(({ where, message }) => `${where}: ${message}`);
  }
  return [];
}

/** A program in place of codex: answers by the lines of `case "$*" in`, else as the real one. */
function standIn(lines: string, real = '/bin/false'): string {
  const script = `#!/bin/sh\necho "$*" >> "$0.log"\ncase "$*" in\n${lines}\nesac\nexec ${real} "$@"\n`;
  const file = join(folderWith(), 'codex');
  writeFileSync(file, script, { mode: 0o755 });
  return file;
}

for (const [name, bin] of Object.entries(codexBins)) {
  describe(`before a run, ${name}`, () => {
    let place: Place;

    before(function () {
      requireCodex(this);
    });

    beforeEach(async () => {
      place = await codexPlace(bin, 1);
    });

    afterEach(() => place[Symbol.asyncDispose]());

    const signedOut = () => writeFileSync(join(place.env.HOME ?? '', 'config.toml'), '');
    const signedIn = () =>
      writeFileSync(join(place.env.HOME ?? '', 'auth.json'), '{"OPENAI_API_KEY":"sk-login"}');

    it('is taken where it can do what the step wants, and its home is left as it was', async function () {
      if (!sandboxWorks(bin)) this.skip();
      const wants = { sandbox: 'workspace-write', ephemeral: true, schema: { type: 'object' } } as const;
      assert.deepEqual(await noticesOf(place, wants), []);
      assert.deepEqual(readdirSync(place.env.HOME ?? ''), ['config.toml']);
    });

    it('is asked each question once a run, whatever the number of steps', async () => {
      const file = standIn('', bin);
      const artefacts = new Artefacts(place.generated);
      const env = { ...place.env, CODEX_BIN: file };
      const questions = () => readFileSync(`${file}.log`, 'utf8').trim().split('\n').sort();
      await noticesOf(place, { sandbox: 'danger-full-access' }, { env, artefacts });
      const asked = ['--version', 'exec --help', 'login status'];
      assert.deepEqual(questions(), asked);
      await noticesOf(place, { sandbox: 'read-only' }, { env, artefacts });
      await noticesOf(place, { sandbox: 'workspace-write' }, { env, artefacts });
      assert.deepEqual(
        questions().filter((question) => !question.startsWith('sandbox')),
        asked,
      );
      await noticesOf(place, {}, { env, artefacts: new Artefacts(place.generated) });
      assert.equal(questions().filter((question) => question === '--version').length, 2);
    });

    it('has to accept its settings', async () => {
      const config = { model_reasoning_effort: ['no', 'list'] };
      const [issue, ...others] = await issuesOf(place, { config });
      assert.match(issue ?? '', /^steps\[0\]: codex refuses its settings \(.*model_reasoning_effort.*\)$/);
      assert.deepEqual(others, []);
    });

    it('has to have the key of its provider', async () => {
      const issue = 'steps[0]: the provider "fake" of codex takes its key from FAKE_KEY, which isn\'t set';
      assert.deepEqual(await issuesOf(place, {}, { FAKE_KEY: undefined }), [issue]);
      assert.deepEqual(await issuesOf(place, { env: { FAKE_KEY: 'k' } }, { FAKE_KEY: undefined }), []);
    });

    it('has to be signed in, or keyed', async () => {
      signedOut();
      const [issue, ...others] = await issuesOf(place);
      assert.match(
        issue ?? '',
        /^steps\[0\]: codex isn't signed in \(Not logged in\); sign in with `codex login`, /,
      );
      assert.deepEqual(others, []);
      assert.deepEqual(await issuesOf(place, {}, { OPENAI_API_KEY: 'sk-1' }), []);
      assert.deepEqual(await issuesOf(place, {}, { CODEX_API_KEY: 'sk-1' }), []);
      signedIn();
      assert.deepEqual(await issuesOf(place), []);
    });

    it('has to have a home', async () => {
      const [issue] = await issuesOf(place, {}, { CODEX_HOME: join(place.root, 'none') });
      assert.match(issue ?? '', /^steps\[0\]: CODEX_HOME names .*none, which doesn't exist; create/);
    });

    it('has to take the prompt, as far as that is known', async () => {
      const long = 'x'.repeat(1_048_576);
      assert.deepEqual(await issuesOf(place, { prompt: `${long}{{{n}}}` }), []);
      const [issue] = await issuesOf(place, { prompt: `${long}{{{n}}}x` });
      assert.match(
        issue ?? '',
        /^steps\[0\]\.prompt: the prompt has 1048577 characters; codex takes at most 1048576/,
      );
    });

    describe('whose sandbox does not work', () => {
      let file: string;

      beforeEach(() => {
        file = standIn('*sandbox*) echo "bwrap: no namespaces" >&2; exit 1;;', bin);
      });

      it('is taken for a step that reads: it may answer from its prompt; the user is told', async () => {
        const [notice, ...others] = await noticesOf(place, { bin: file });
        assert.match(
          notice ?? '',
          /^warning: steps\[0\]: the sandbox of codex doesn't work here.*\(bwrap: no namespaces\); allow user namespaces/,
        );
        assert.deepEqual(others, []);
      });

      it('is refused for a step that writes', async () => {
        const [issue] = await issuesOf(place, { bin: file, sandbox: 'workspace-write' });
        assert.match(issue ?? '', /^steps\[0\]: the sandbox of codex doesn't work here.*danger-full-access/);
      });

      it('is not even asked where the step wants none', async () => {
        assert.deepEqual(await noticesOf(place, { bin: file, sandbox: 'danger-full-access' }), []);
        assert.doesNotMatch(readFileSync(`${file}.log`, 'utf8'), /sandbox/);
      });
    });

    it('may lack what this step does not ask for', async () => {
      const help =
        'exec\\ --help) echo "--json --sandbox --cd --skip-git-repo-check --output-last-message"; exit;;';
      const file = standIn(help, bin);
      assert.deepEqual(await issuesOf(place, { bin: file, sandbox: 'danger-full-access' }), []);
      const wants = { ephemeral: true, schema: { type: 'object' } };
      const issues = await issuesOf(
        place,
        { bin: file, sandbox: 'danger-full-access', ...wants },
        { FAKE_KEY: '' },
      );
      assert.match(
        issues[0] ?? '',
        /has no --output-schema, --ephemeral \(see `codex exec --help`\); update it with/,
      );
      assert.match(issues[1] ?? '', /FAKE_KEY/);
      assert.equal(issues.length, 2);
    });

    it('is left alone in a rehearsal', async () => {
      const file = standIn('', bin);
      const simulation = { baseUrl: '', answer: () => assert.fail(), close: async () => {} };
      await noticesOf(place, { bin: file }, { simulation });
      assert.equal(existsSync(`${file}.log`), false);
    });
  });
}

describe('before a run, what is taken for codex', () => {
  const refused: [string, string, RegExp][] = [
    [
      'an older one',
      '--version) echo codex-cli 0.99.10; exit;;',
      /is codex 0\.99\.10, and 0\.104\.0 is the oldest .* update it/,
    ],
    [
      'another program',
      '--version) echo hello; exit;;',
      /--version printed no version \(hello\); is it the Codex CLI\?$/,
    ],
    [
      'one that does not start',
      '--version) exit 1;;',
      /--version printed no version; is it the Codex CLI\?$/,
    ],
  ];
  for (const [what, lines, message] of refused) {
    it(`must not be ${what}; nothing else is said of it`, async () => {
      await using place = await codexPlace(standIn(lines), 1);
      const [issue, ...others] = await issuesOf(place);
      assert.match(issue ?? '', message);
      assert.deepEqual(others, []);
    });
  }

  for (const version of ['0.104.0', '0.104.1-alpha.3', '0.1000.0', '1.0.0']) {
    it(`may be a version ${version}`, async () => {
      const file = standIn(`--version) echo codex-cli ${version}; exit;;`);
      await using place = await codexPlace(file, 1);
      for (const issue of await issuesOf(place)) assert.doesNotMatch(issue, /version|is codex/);
    });
  }
});
