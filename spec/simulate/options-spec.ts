import assert from 'node:assert/strict';
import { ConfigError } from '../../lib/errors.js';
import { parseSimulateOptions } from '../../lib/simulate/options.js';

describe('parseSimulateOptions', () => {
  const good: readonly [string, object][] = [
    ['', {}],
    ['latency=200', { latency: 200 }],
    ['latency=200,fail=0.05', { latency: 200, fail: 0.05 }],
    [' fail=1 , latency=0.5,', { fail: 1, latency: 0.5 }],
  ];
  for (const [text, options] of good) {
    it(`reads '${text}'`, () => assert.deepEqual(parseSimulateOptions(text), options));
  }

  const bad: readonly [string, string][] = [
    [
      'fast',
      '--simulate: unknown part `fast`; expected latency=<milliseconds> or fail=<rate>, split by a comma',
    ],
    [
      'latncy=3',
      '--simulate: unknown part `latncy=3`; expected latency=<milliseconds> or fail=<rate>, split by a comma',
    ],
    ['latency=fast', '--simulate: expected `latency` to be milliseconds, a number from 0 up, got `fast`'],
    ['latency=', '--simulate: expected `latency` to be milliseconds, a number from 0 up, got ``'],
    ['latency', '--simulate: expected `latency` to be milliseconds, a number from 0 up, got ``'],
    ['latency=-1', '--simulate: expected `latency` to be milliseconds, a number from 0 up, got `-1`'],
    [
      'latency=Infinity',
      '--simulate: expected `latency` to be milliseconds, a number from 0 up, got `Infinity`',
    ],
    ['fail=5%', '--simulate: expected `fail` to be a rate from 0 to 1, got `5%`'],
    ['fail=1.1', '--simulate: expected `fail` to be a rate from 0 to 1, got `1.1`'],
    ['fail=0,fail=1', '--simulate: `fail` is given twice'],
    [
      'toString=1',
      '--simulate: unknown part `toString=1`; expected latency=<milliseconds> or fail=<rate>, split by a comma',
    ],
  ];
  for (const [text, message] of bad) {
    it(`says what is wrong with '${text}'`, () => {
      assert.throws(
        () => parseSimulateOptions(text),
        (error) => error instanceof ConfigError && error.message === message,
      );
    });
  }
});
