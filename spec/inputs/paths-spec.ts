import assert from 'node:assert/strict';
import { basename, join } from 'node:path';
import { Paths } from '../../lib/inputs/paths.js';
import { folderWith } from '../helpers/folder.js';

describe('Paths', () => {
  const repository = folderWith({
    '.git/HEAD': '',
    'docs/a.md': '',
    'app/src/x.ts': '',
    'sub/.git': 'gitdir: …',
    'sub/b.md': '',
  });
  const other = folderWith({ 'c.md': '' });
  const inRepository = (path: string) => join(repository, path);

  const rows: [string, string, string, string, string][] = [
    [
      'as listed in the folder that it is relative to',
      './docs//a.md',
      repository,
      repository,
      './docs//a.md',
    ],
    [
      'absolute as listed there too',
      inRepository('docs/a.md'),
      repository,
      repository,
      inRepository('docs/a.md'),
    ],
    [
      'relative to another folder of the repository',
      'docs/a.md',
      repository,
      inRepository('app/src'),
      '../../docs/a.md',
    ],
    [
      'relative when it was listed absolute',
      inRepository('app/src/x.ts'),
      repository,
      inRepository('app'),
      'src/x.ts',
    ],
    ['absolute outside of the repository', 'docs/a.md', repository, other, inRepository('docs/a.md')],
    ['absolute where its file is outside', 'c.md', other, inRepository('app'), join(other, 'c.md')],
    ['absolute where there is no repository', 'c.md', other, join(other, 'x'), join(other, 'c.md')],
    [
      'absolute in a repository inside another one',
      'sub/b.md',
      repository,
      inRepository('app'),
      inRepository('sub/b.md'),
    ],
  ];
  for (const [title, path, base, folder, expected] of rows) {
    it(`writes a path ${title}`, () => {
      const paths = new Paths();
      assert.equal(paths.from(path, base, folder), expected);
      assert.equal(paths.from(path, base, folder), expected);
    });
  }

  it('are what they are in another checkout of the repository, for a step that runs there', () => {
    const from = (path: string, base = repository) => new Paths().from(path, base, repository, true);
    assert.equal(from('./docs//a.md'), 'docs/a.md');
    assert.equal(from(inRepository('docs/a.md')), 'docs/a.md');
    assert.equal(from('x.ts', inRepository('app/src')), 'app/src/x.ts');
    assert.equal(from(join('..', basename(other), 'c.md')), join(other, 'c.md'));
    assert.equal(from('b.md', inRepository('sub')), inRepository('sub/b.md'));
  });
});
