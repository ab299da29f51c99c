import assert from 'node:assert/strict';
import { suggestion } from '../../lib/util/suggest.js';

describe('suggestion', () => {
  const known = ['prompt', 'promptFile', 'model', 'name', 'cmd', 'a'];
  const rows: [string, string | null][] = [
    ['prmpt', 'prompt'],
    ['modle', 'model'],
    ['Prompt', 'prompt'],
    ['prompt_file', 'promptFile'],
    ['nme', 'name'],
    ['cdm', null],
    ['b', null],
    ['temperature', null],
    ['', null],
  ];
  for (const [name, near] of rows) {
    it(`is ${near ?? 'nothing'} for "${name}"`, () => {
      assert.equal(suggestion(name, known), near === null ? '' : `; did you mean "${near}"?`);
    });
  }
});
