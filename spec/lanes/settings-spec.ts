import assert from 'node:assert/strict';
import type { Issue } from '../../lib/errors.js';
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
