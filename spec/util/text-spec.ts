import assert from 'node:assert/strict';
import { harmless, oneLine } from '../../lib/util/text.js';

describe('oneLine', () => {
  const rows: [string, string, string][] = [
    ['plain text', 'a  b', 'a  b'],
    ['line breaks of all kinds', 'a\n b\r\nc\r\r\nd\u2028e\u2029f\u0085g\n', 'a | b | c | d | e | f | g'],
    ['colours', '\u001b[31mred\u001b[0m', 'red'],
    ['a sequence that clears the screen', 'a\u001b[2J\u001b[Hb', 'ab'],
    ['a title', '\u001b]0;owned\u0007a', 'a'],
    ['control characters', '\0a\tb\bc\u009bd', 'a b c d'],
    ['what turns the direction of a text', 'a\u202eb\u2066c\u2069\u200fd', 'a b c  d'],
    ['other alphabets', 'Grüße 你好 🎉', 'Grüße 你好 🎉'],
    ['nothing', ' \n ', ''],
  ];
  for (const [what, text, expected] of rows) {
    it(`makes one line of ${what}`, () => assert.equal(oneLine(text), expected));
  }

  // With time that grows by the square it would take an hour.
  it('takes spaces by the million', () => {
    assert.equal(oneLine(`a${' '.repeat(1_000_000)}b\n`).length, 1_000_002);
  });
});

describe('harmless', () => {
  it('keeps line breaks and nothing else that a terminal would obey', () => {
    assert.equal(harmless('Error: \u001b[2Ja\r\u0007\n    at b\n'), 'Error: a  \n    at b\n');
  });
});
