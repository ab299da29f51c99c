import assert from 'node:assert/strict';
import { escapeControls, jsonLine } from '../../lib/util/json-line.js';

const text = 'a\u0085b\u2028c\u2029d\ne\u000bf\u001cg';

describe('jsonLine', () => {
  it('is one line for every reader, and means the same', () => {
    const line = jsonLine({ [text]: [text] });
    assert.doesNotMatch(line, /[\u0085\u2028\u2029\p{Cc}]/u);
    assert.match(line, /a\\u0085b\\u2028c\\u2029d\\ne/);
    assert.deepEqual(JSON.parse(line), { [text]: [text] });
  });
});

describe('escapeControls', () => {
  it('leaves nothing that a terminal obeys', () => {
    const controls = Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code)).join('');
    const json = jsonLine(controls);
    assert.doesNotMatch(json, /[\p{Cc}\p{Bidi_Control}]/u);
    assert.equal(JSON.parse(json), controls);
  });

  it('leaves alone what has none', () => {
    const json = '{"a":"ä🙂\\u2028"}';
    assert.equal(escapeControls(json), json);
  });
});
