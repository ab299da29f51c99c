import assert from 'node:assert/strict';
import { markOf } from '../../lib/store/mark.js';

const listed = (path: string) => ({ path, sha256: null });

describe('markOf', () => {
  it('is of names and paths, whatever their order and their contents', () => {
    const mark = markOf([
      ['doc', listed('a.md')],
      ['rule', listed('b.md')],
    ]);
    assert.equal(
      markOf([
        ['rule', listed('b.md')],
        ['doc', { path: 'a.md', sha256: 'ab' }],
      ]),
      mark,
    );
    assert.notEqual(
      markOf([
        ['doc', listed('b.md')],
        ['rule', listed('a.md')],
      ]),
      mark,
    );
    assert.notEqual(markOf([['doc', listed('a.md')]]), mark);
  });

  it('is of the hashes of values', () => {
    const mark = (sha256: string) => markOf([['n', { path: null, sha256 }]]);
    assert.equal(mark('ab'), mark('ab'));
    assert.notEqual(mark('ab'), mark('cd'));
  });
});
