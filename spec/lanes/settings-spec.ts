import assert from 'node:assert/strict';
import { ConfigError, type Issue } from '../../lib/errors.js';
import { parseLanes } from '../../lib/lanes/lane-option.js';
import { checkLanes } from '../../lib/lanes/settings.js';

const lines = (issues: readonly Issue[]) => issues.map(({ where, message }) => `${where}: ${message}`);

describe('checkLanes', () => {
  it('takes the ceilings of types and models', () => {
    const lanes = {
      openai: { concurrency: 20, rpm: 500, tpm: 100_000 },
      'openai/gpt-5.5': { rpm: 50 },
      cmd: {},
    };
    assert.deepEqual(checkLanes(lanes), { settings: lanes, issues: [] });
    assert.deepEqual(checkLanes(undefined), { settings: {}, issues: [] });
  });

  const bad: [string, unknown, string[]][] = [
    ['what is no object', 5, ['lanes: expected an object {lane: settings}, got 5 (number)']],
    [
      'unknown lanes',
      { opnai: {}, module: {}, constructor: {} },
      [
        'lanes.opnai: unknown lane; did you mean "openai"?; there are openai, codex, cmd, and openai/<model>',
        'lanes.module: unknown lane; there are openai, codex, cmd, and openai/<model>',
        'lanes.constructor: unknown lane; there are openai, codex, cmd, and openai/<model>',
      ],
    ],
    [
      'models where there are none',
      { 'codex/o3': {}, 'openai/': {} },
      [
        'lanes.codex/o3: only openai has lanes for its models: openai/<model>',
        'lanes.openai/: only openai has lanes for its models: openai/<model>',
      ],
    ],
    [
      'settings that are none',
      { openai: 5, codex: { tpm: 5 }, cmd: { concurency: 1 } },
      [
        'lanes.openai: expected an object with concurrency, rpm, tpm, got 5 (number)',
        'lanes.codex.tpm: unknown setting; did you mean "rpm"?; there are concurrency, rpm',
        'lanes.cmd.concurency: unknown setting; did you mean "concurrency"?; there are concurrency, rpm',
      ],
    ],
    [
      'values that are no counts',
      { openai: { concurrency: 0, rpm: 1.5, tpm: 'many' } },
      [
        'lanes.openai.concurrency: expected a whole number from 1 up, got 0 (number)',
        'lanes.openai.rpm: expected a whole number from 1 up, got 1.5 (number)',
        'lanes.openai.tpm: expected a whole number from 1 up, got "many" (string)',
      ],
    ],
  ];
  for (const [title, lanes, expected] of bad) {
    it(`names ${title}`, () => assert.deepEqual(lines(checkLanes(lanes).issues), expected));
  }
});

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
    [['openai:rpm=5,rpm=6'], ['--lane: "rpm" stands twice in "openai:rpm=5,rpm=6"']],
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
