import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { basename, join } from 'node:path';
import { StepFailure } from '../../lib/errors.js';
import type { Input } from '../../lib/flow/flow.js';
import { Contents } from '../../lib/inputs/contents.js';
import { Inputs, Paths } from '../../lib/inputs/inputs.js';
import { pathKey, valueKey } from '../../lib/inputs/key.js';
import { newFlow } from '../helpers/flows.js';
import { folderWith } from '../helpers/folder.js';

const sha256 = (text: string) => hash('sha256', text);

function setUp() {
  const folder = folderWith({ '.git': '', 'docs/a.md': 'A', 'work/x': '' });
  const keys = [pathKey('doc', folder, ['docs/a.md']), valueKey('n', folder, ['1'])];
  const inputs: Record<string, Input> = {
    doc: { path: 'docs/a.md', sha256: sha256('A') },
    n: { path: null, sha256: sha256('1'), value: '1' },
  };
  return { folder, inputs: new Inputs(keys, new Contents()), flow: newFlow({ inputs }) };
}

describe('Inputs', () => {
  it('gives the content of a file and a value', async () => {
    const { inputs, flow } = setUp();
    assert.equal(await inputs.content(flow, 'doc'), 'A');
    assert.equal(inputs.content(flow, 'n'), '1');
  });

  it('gives the path as listed, or as it works in a step’s folder', () => {
    const { folder, inputs, flow } = setUp();
    assert.equal(inputs.path(flow, 'doc'), 'docs/a.md');
    assert.equal(inputs.path(flow, 'doc', folder), 'docs/a.md');
    assert.equal(inputs.path(flow, 'doc', join(folder, 'work')), '../docs/a.md');
    assert.equal(inputs.file(flow, 'doc'), 'a.md');
  });

  it('writes a path or a base name for a step so that no command takes it for an option', () => {
    const folder = folderWith({ '.git': '', '--version': '', 'work/-/a.md': '' });
    const inputs = new Inputs([pathKey('doc', folder, ['--version', 'work/-/a.md'])], new Contents());
    const flowOf = (path: string) => newFlow({ inputs: { doc: { path, sha256: null } } });
    assert.equal(inputs.path(flowOf('--version'), 'doc', folder), './--version');
    assert.equal(inputs.path(flowOf('--version'), 'doc'), '--version');
    assert.equal(inputs.path(flowOf('work/-/a.md'), 'doc', join(folder, 'work')), './-/a.md');
    assert.equal(inputs.file(flowOf('--version'), 'doc', folder), './--version');
    assert.equal(inputs.file(flowOf('--version'), 'doc'), '--version');
    assert.equal(inputs.file(flowOf('work/-/a.md'), 'doc', folder), 'a.md');
  });

  it('has no path for a value', () => {
    const { inputs, flow } = setUp();
    assert.deepEqual(
      [inputs.path(flow, 'n'), inputs.path(flow, 'n', '/'), inputs.file(flow, 'n')],
      ['', '', ''],
    );
  });

  for (const key of ['nope', 'toString']) {
    it(`says which inputs there are when asked for ${key}`, () => {
      const { inputs, flow } = setUp();
      assert.throws(
        () => inputs.content(flow, key),
        new StepFailure('operator', `the flow has no input "${key}"; keys: doc, n`),
      );
    });
  }
});

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
