import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeUtf8, NotText, tooLong } from '../../lib/util/utf8.js';

describe('decodeUtf8', () => {
  it('decodes any text, without its byte order mark', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        assert.equal(decodeUtf8(Buffer.from(`\ufeff${text}`)), text);
        if (!text.startsWith('\ufeff')) assert.equal(decodeUtf8(Buffer.from(text)), text);
      }),
    );
  });

  const rows: [string, number[], RegExp][] = [
    ['a stray byte', [0x61, 0xff, 0x62], /invalid byte 0xff at position 1$/],
    ['a byte after a real U+FFFD', [0xef, 0xbf, 0xbd, 0xff], /invalid byte 0xff at position 3$/],
    ['a cut character', [0x61, 0x62, 0xe2, 0x82], /invalid byte 0xe2 at position 2$/],
    ['a cut character that begins like U+FFFD', [0x61, 0xef, 0xbf], /invalid byte 0xef at position 1$/],
    ['a surrogate', [0x61, 0xed, 0xa0, 0x80], /invalid byte 0xed at position 1$/],
    ['an overlong form', [0xc0, 0xaf], /invalid byte 0xc0 at position 0$/],
    ['UTF-16, little endian', [0xff, 0xfe, 0x61, 0], /is UTF-16, not UTF-8; convert it: iconv/],
    ['UTF-16, big endian', [0xfe, 0xff, 0, 0x61], /is UTF-16/],
  ];
  for (const [title, bytes, message] of rows) {
    it(`refuses ${title}`, () => {
      assert.throws(
        () => decodeUtf8(Buffer.from(bytes)),
        (error) => error instanceof NotText && message.test(error.message),
      );
    });
  }

  it('says of bytes that are more than a text can have how many there are, and what to do', () => {
    const { message, remedy } = tooLong(629_145_600);
    assert.equal(message, 'has 629 MB, more than a text can have (537 MB)');
    assert.equal(remedy, 'Split it');
  });
});
