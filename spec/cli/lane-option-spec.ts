import assert from 'node:assert/strict';
import { parseLanes } from '../../lib/cli/lane-option.js';
import { ConfigError, type Issue } from '../../lib/errors.js';

const lines = (issues: readonly Issue[]) => issues.map(({ where, message }) => `${where}: ${message}`);

describe('parseLanes', () => {
  it('reads lanes with their settings; models may have colons in their names', () => {
    const texts = [
      'openai:concurrency=200,rpm=5000,tpm=2000000',
      'codex:concurrency=4',
      'openai/llama3:8b:rpm=6',
    ];
    assert.deepEqual(parseLanes(texts), {
      openai: { concurrency: 200, rpm: 5000, tpm: 2_000_000 },
      codex: { concurrency: 4 },
      'openai/llama3:8b': { rpm: 6 },
    });
  });

  const bad: [string[], string[]][] = [
    [
      ['openai', 'openai:', ':rpm=5', 'codex:rpm', 'cmd:rpm='],
      ['openai', 'openai:', ':rpm=5', 'codex:rpm', 'cmd:rpm='].map(
        (text) =>
          `--lane: expected lane:setting=number, got "${text}"; for example --lane openai:concurrency=200,rpm=5000`,
      ),
    ],
    [['openai:rpm=5,rpm=6'], ['--lane: "rpm" is given twice in "openai:rpm=5,rpm=6"']],
    [['cmd:rpm=5', 'cmd:rpm=6'], ['--lane: "cmd" is given twice']],
    [
      ['openai:rpm=5x', 'codx:rpm=5'],
      [
        '--lane openai.rpm: expected a whole number from 1 up, got "5x" (string)',
        '--lane codx: unknown lane; did you mean "codex"?; there are openai, codex, cmd, and openai/<model>',
      ],
    ],
  ];
  for (const [texts, expected] of bad) {
    it(`refuses ${texts.join(' ')}`, () => {
      assert.throws(
        () => parseLanes(texts),
        (error) => {
          assert.ok(error instanceof ConfigError);
          assert.deepEqual(lines(error.issues), expected);
          return true;
        },
      );
    });
  }
});
