import assert from 'node:assert/strict';
import { OptionCheck } from '../../../lib/cli/commands/option-check.js';
import { ConfigError } from '../../../lib/index.js';

/** Each check's result and the mistakes that it left. */
function checked<T>(check: (options: OptionCheck) => T): [T, string[]] {
  const options = new OptionCheck();
  const result = check(options);
  return [result, options.issues.map(({ where, message }) => `${where}: ${message}`)];
}

describe('OptionCheck', () => {
  const counts: [string, number | null][] = [
    ['1', 1],
    ['10', 10],
    ['007', 7],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740992', null],
    ['0', null],
    ['-1', null],
    ['1.5', null],
    ['1e3', null],
    ['0x10', null],
    [' 4', null],
    ['', null],
    ['x', null],
    ['Infinity', null],
  ];
  for (const [text, expected] of counts) {
    it(`${expected === null ? 'refuses' : 'takes'} "${text}" as a count`, () => {
      const [count, mistakes] = checked((options) => options.count('--parallel', text));
      if (expected === null) {
        assert.deepEqual(mistakes, [`--parallel: expected a whole number from 1 up, got "${text}"`]);
      } else {
        assert.deepEqual([count, mistakes], [expected, []]);
      }
    });
  }

  const seconds: [string | undefined, number | undefined, boolean][] = [
    [undefined, undefined, true],
    ['30', 30, true],
    ['0.5', 0.5, true],
    ['0', undefined, false],
    ['-3', undefined, false],
    ['1s', undefined, false],
    ['', undefined, false],
  ];
  for (const [text, expected, fits] of seconds) {
    it(`${fits ? 'takes' : 'refuses'} ${text === undefined ? 'nothing' : `"${text}"`} as seconds`, () => {
      const [result, mistakes] = checked((options) => options.seconds('--timeout', text));
      assert.deepEqual([result, mistakes.length], [expected, fits ? 0 : 1]);
    });
  }

  const keys: [string, { name: string; list: string }][] = [
    ['foo:list.txt', { name: 'foo', list: 'list.txt' }],
    ['foo:C:\\list.txt', { name: 'foo', list: 'C:\\list.txt' }],
    ['foo:-', { name: 'foo', list: '-' }],
    ['foo: a list.txt', { name: 'foo', list: ' a list.txt' }],
  ];
  for (const [text, expected] of keys) {
    it(`splits ${text} at the first colon`, () => {
      assert.deepEqual(
        checked((options) => options.keys([text])),
        [[expected], []],
      );
    });
  }

  const wrong: [string[], string[]][] = [
    [['foo'], ['--key: expected name:list, got "foo"; for example --key foo:paths.txt']],
    [['foo:'], ['--key: expected name:list, got "foo:"; for example --key foo:paths.txt']],
    [['doc=d.txt'], ['--key: expected name:list, got "doc=d.txt"; for example --key doc:d.txt']],
    [[':list.txt'], ['--key: expected name:list, got ":list.txt"; for example --key foo:paths.txt']],
    [['a:x', 'b:x', 'a:y', 'a:z'], ['--key: "a" is given twice']],
    [['a:-', 'b:-'], ['--key: stdin (-) can be the list of one key only']],
  ];
  for (const [texts, expected] of wrong) {
    it(`refuses --key ${texts.join(' --key ')}`, () => {
      assert.deepEqual(checked((options) => options.keys(texts))[1], expected);
    });
  }

  it('takes one of the choices, and replaces any other value by the default', () => {
    const choices = ['ndjson', 'output'] as const;
    assert.deepEqual(
      checked((options) => options.oneOf('--print', 'output', choices, 'ndjson')),
      ['output', []],
    );
    const [choice, mistakes] = checked((options) => options.oneOf('--print', 'xml', choices, 'ndjson'));
    assert.deepEqual([choice, mistakes], ['ndjson', ['--print: expected one of ndjson, output, got "xml"']]);
  });

  it('keeps the mistakes of a check that throws them, and rethrows other errors', () => {
    const issues = [{ where: '--simulate', message: 'wrong' }];
    const fails = () => {
      throw new ConfigError(issues);
    };
    assert.deepEqual(
      checked((options) => options.attempt(fails, false)),
      [false, ['--simulate: wrong']],
    );
    assert.deepEqual(
      checked((options) => options.attempt(() => 1, 0)),
      [1, []],
    );
    const breaks = () => {
      throw new TypeError('a fault');
    };
    assert.throws(() => new OptionCheck().attempt(breaks, 0), TypeError);
  });
});
