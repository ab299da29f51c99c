import assert from 'node:assert/strict';
import { unfenced } from '../../lib/util/values.js';

describe('unfenced', () => {
  const rows: readonly [string, string, string][] = [
    ['a fence with a language', '```json\n{"a": 1}\n```', '{"a": 1}'],
    ['a fence without one, and space around it', '\n ```\r\n[1]```\n\n', '[1]'],
    ['only the outer fence', '```\na\n```\nb\n```', 'a\n```\nb'],
    ['nothing of an empty fence', '```\n```', ''],
  ];
  for (const [what, answer, text] of rows) {
    it(`takes away ${what}`, () => assert.equal(unfenced(answer), text));
  }

  for (const answer of ['', ' {"a":1} ', 'Here:\n```\n[1]\n```', '```json\n[1]', '["```"]', '```']) {
    it(`leaves ${JSON.stringify(answer)} as it is`, () => assert.equal(unfenced(answer), answer));
  }
});
