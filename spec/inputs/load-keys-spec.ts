import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { KeySource } from '../../lib/inputs/key-source.js';
import { loadKeys } from '../../lib/inputs/load-keys.js';
import { folderWith } from '../helpers/folder.js';

const docs = { 'a.md': 'A', 'b.md': 'B', 'with space .md': 'C' };

/** The paths of a key that was loaded from a list with this content. */
async function listing(content: string | Buffer, files: Record<string, string> = docs) {
  const folder = folderWith({ ...files, 'list.txt': content });
  return load({ doc: { list: 'list.txt' } }, folder);
}

async function load(sources: Readonly<Record<string, KeySource>>, cwd: string) {
  const { keys, known, issues, warnings } = await loadKeys(sources, cwd);
  const lines = (found: typeof issues) => found.map(({ where, message }) => `${where}: ${message}`);
  const paths = keys.map((key) =>
    [...key.entries()].map(({ path, identity }) => path ?? identity?.input.value),
  );
  return { keys, known, paths, issues: lines(issues), warnings: lines(warnings) };
}

describe('a list', () => {
  const rows: [string, string | Buffer, string[]][] = [
    ['one path a line', 'a.md\nb.md\n', ['a.md', 'b.md']],
    ['a last line without its end', 'a.md\nb.md', ['a.md', 'b.md']],
    ['a byte order mark and CRLF', '\ufeffa.md\r\nb.md\r\n', ['a.md', 'b.md']],
    ['blank lines', '\n  \na.md\n\r\n\t\nb.md\n\n', ['a.md', 'b.md']],
    ['spaces in names', 'with space .md\n', ['with space .md']],
  ];
  for (const [title, content, paths] of rows) {
    it(`is read with ${title}`, async () => {
      const loaded = await listing(content);
      assert.deepEqual(loaded.issues, []);
      assert.deepEqual(loaded.paths, [paths]);
    });
  }

  it('is refused where it is endless, a named pipe, or one long line', async () => {
    const folder = folderWith({ long: 'x'.repeat(2 ** 24) });
    symlinkSync('/dev/zero', join(folder, 'zero'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const { issues } = await load({ a: { list: 'zero' }, b: { list: 'pipe' }, c: { list: 'long' } }, folder);
    const expected = 'expected a text file that lists paths, one a line';
    assert.equal(issues[0], `zero: the list is larger than 128 MiB; ${expected} (key a)`);
    assert.equal(issues[1], `pipe: the list is a named pipe; ${expected} (key b)`);
    assert.match(issues[2] ?? '', /^long:1: x{200}… \(16777216 characters\): no file has so long a name/);
  });

  const bad: [string, string | Buffer, string[]][] = [
    ['that is empty', '', ['list.txt: the list is empty; name one file a line (key doc)']],
    ['of blank lines', '\n \r\n', ['list.txt: the list is empty; name one file a line (key doc)']],
    [
      'in UTF-16',
      Buffer.from('\ufeffa.md\n', 'utf16le'),
      ['list.txt: the list is UTF-16, not UTF-8; convert it: iconv -f UTF-16 -t UTF-8 (key doc)'],
    ],
    [
      'in Latin-1',
      Buffer.from('a.md\nä.md', 'latin1'),
      ['list.txt: the list is not UTF-8: invalid byte 0xe4 at position 5 (key doc)'],
    ],
    [
      'with missing files, named by their lines',
      '\na.md\nnope.md\nb.md\r\n\ngone/x.md',
      ['list.txt:3: nope.md: no such file', 'list.txt:6: gone/x.md: no such file'],
    ],
    [
      'with a trailing space after a name',
      'a.md \n',
      ['list.txt:1: a.md : no such file (the line ends with a space)'],
    ],
    ['with a directory', '.\na.md', ['list.txt:1: .: is a directory; expected a file']],
    ['with a device', '/dev/null', ['list.txt:1: /dev/null: is not a regular file; expected a file']],
    ['with a tilde', '~/a.md', ['list.txt:1: ~/a.md: no such file (~ isn’t expanded; write the whole path)']],
    [
      'with a pattern',
      '*.md',
      [
        'list.txt:1: *.md: no such file (patterns aren’t expanded; list every file on a line of its own: ls *.md)',
      ],
    ],
    [
      'with a NUL',
      'a\0.md',
      [
        "list.txt: the list has NUL characters, as programs write them with -z, -0 or -print0; a list has one path a line: leave that out, or add | tr '\\0' '\\n' (key doc)",
      ],
    ],
    [
      'in UTF-16 without a byte order mark',
      Buffer.from('a.md\nb.md\n', 'utf16le'),
      [
        'list.txt: the list has a NUL in every other place: it is UTF-16; convert it: iconv -f UTF-16LE -t UTF-8 (key doc)',
      ],
    ],
    [
      'with names in quotes',
      '"a.md"',
      [
        'list.txt:1: "a.md": no such file (quotes around a line are taken for part of the name; leave them out)',
      ],
    ],
    [
      'with names that git has quoted',
      '"src/caf\\303\\251.ts"',
      [
        'list.txt:1: "src/caf\\303\\251.ts": no such file (git quotes such names; list them by git -c core.quotePath=off ls-files, without quotes around them)',
      ],
    ],
    [
      'with a character that can’t be seen, which is shown',
      'a.md\u00a0\nb\u200b.md',
      [
        'list.txt:1: a.md[U+00A0]: no such file (it has an invisible character, U+00A0)',
        'list.txt:2: b[U+200B].md: no such file (it has an invisible character, U+200B)',
      ],
    ],
    [
      'with more than the path in a line',
      'a.md:12: found\n M a.md\n-rw-r--r-- 1 me me 5 a.md',
      [
        'list.txt:1: a.md:12: found: no such file (there is a.md; a line has the path and nothing else)',
        'list.txt:2:  M a.md: no such file (the line begins with a space)',
        'list.txt:3: -rw-r--r-- 1 me me 5 a.md: no such file (there is a.md; a line has the path and nothing else)',
      ],
    ],
    [
      'with an address',
      'https://example.org/a.md',
      ['list.txt:1: https://example.org/a.md: no such file (a list has paths of files, not addresses)'],
    ],
    [
      'with a line that is too long for a path, shortened',
      'a'.repeat(5000),
      [
        `list.txt:1: ${'a'.repeat(200)}… (5000 characters): no file has so long a name (a list has paths of files, one a line)`,
      ],
    ],
  ];
  for (const [title, content, issues] of bad) {
    it(`is refused ${title}`, async () => {
      const loaded = await listing(content);
      assert.deepEqual(loaded.issues, issues);
    });
  }

  it('may name files with ~ and * in their names', async () => {
    const loaded = await listing('~a[1]*.md\n', { '~a[1]*.md': '' });
    assert.deepEqual(loaded.issues, []);
  });

  it('names twenty bad files and counts the rest', async () => {
    const { issues } = await listing(
      `${Array.from({ length: 50 }, (_, i) => `no-${i}.md`).join('\n')}\na.md`,
    );
    assert.equal(issues.length, 21);
    assert.equal(issues[19], 'list.txt:20: no-19.md: no such file');
    assert.equal(issues[20], 'list.txt: 30 more of its 51 files cannot be used');
  });

  it('that is a document itself, as its lines tell, is told so in a few words', async () => {
    const { issues } = await listing('# Title\n\nSome text,\nand more.\nThe end.\n');
    assert.deepEqual(issues.slice(0, -1), [
      'list.txt:1: # Title: no such file',
      'list.txt:3: Some text,: no such file',
      'list.txt:4: and more.: no such file',
    ]);
    const words =
      /^list.txt: none of its 4 lines is a file .*, looked up from .+; a list has the paths of files, one a line$/;
    assert.match(issues.at(-1) ?? '', words);
  });

  it('warns of repeated lines, which stay', async () => {
    const { paths, warnings } = await listing('a.md\nb.md\na.md\na.md\n');
    assert.deepEqual(paths, [['a.md', 'b.md', 'a.md', 'a.md']]);
    assert.deepEqual(warnings, [
      'list.txt: 2 of its 4 lines repeat an earlier one (a.md); each makes flows of its own',
    ]);
  });

  it('that is missing or a directory is refused', async () => {
    const folder = folderWith({ 'docs/a.md': '' });
    const { issues } = await load({ a: { list: 'nope.txt' }, b: { list: 'docs' } }, folder);
    assert.deepEqual(issues, [
      'nope.txt: no such file; expected a text file that lists paths, one a line (key a)',
      'docs: is a directory; expected a text file that lists paths, one a line (key b); list its files: find docs -type f | orchestrator run … --key b:-',
    ]);
  });

  it('that is a pattern, or several files, is refused with a command that lists them', async () => {
    const folder = folderWith(docs);
    const sources = { a: { list: 'docs/*.md' }, b: { list: 'docs/**/*.md' }, c: { list: 'a.md,b.md' } };
    const refused = 'no such file; expected a text file that lists paths, one a line';
    assert.deepEqual((await load(sources, folder)).issues, [
      `docs/*.md: ${refused} (key a); patterns aren’t expanded: ls docs/*.md | orchestrator run … --key a:-`,
      `docs/**/*.md: ${refused} (key b); patterns aren’t expanded: find docs -name '*.md' | orchestrator run … --key b:-`,
      `a.md,b.md: ${refused} (key c); name one file a line: printf '%s\\n' a.md b.md | orchestrator run … --key c:-`,
    ]);
  });

  it('that is a document of one line by its name is told how to be used itself', async () => {
    const folder = folderWith({ 'note.md': 'Buy milk.\n' });
    const { issues } = await load({ doc: { list: 'note.md' } }, folder);
    assert.equal(issues[0], 'note.md:1: Buy milk.: no such file');
    assert.match(
      issues[1] ?? '',
      /^note.md: its one line isn't a file .*; to use note.md itself: echo note.md \| orchestrator run … --key doc:-$/,
    );
  });

  it('that a folder stands for resolves its lines there', async () => {
    const folder = folderWith({ 'lists/docs.txt': 'a.md\n', 'base/a.md': '' });
    const base = join(folder, 'base');
    const { keys, issues } = await load({ doc: { list: 'lists/docs.txt', base } }, folder);
    assert.deepEqual(issues, []);
    assert.equal(keys[0]?.base, base);
  });

  it('can be given as the text of stdin', async () => {
    const folder = folderWith(docs);
    const loaded = await load({ doc: { list: 'stdin', text: '\ufeffa.md\r\nx.md\n' } }, folder);
    assert.deepEqual(loaded.issues, ['stdin:2: x.md: no such file']);
  });

  it('names each line of a file that it cannot use', async () => {
    const { issues } = await listing(`a.md\n\n${'no.md\n'.repeat(30)}a.md\nno.md`);
    assert.equal(issues.length, 21);
    assert.equal(issues[0], 'list.txt:3: no.md: no such file');
    assert.equal(issues[19], 'list.txt:22: no.md: no such file');
    assert.equal(issues[20], 'list.txt: 11 more of its 33 files cannot be used');
  });

  it('of a million lines that repeat a few files is checked', async () => {
    const folder = folderWith({ ...docs, 'list.txt': 'a.md\nb.md\n'.repeat(500_000) });
    const { keys, issues } = await loadKeys({ doc: { list: 'list.txt' } }, folder);
    assert.deepEqual([keys[0]?.count, issues], [1_000_000, []]);
  });

  it('names files that cannot be read', async function () {
    if (process.getuid?.() === 0) this.skip();
    const folder = folderWith({ 'a.md': '', 'list.txt': 'a.md' });
    chmodSync(join(folder, 'a.md'), 0);
    const { issues } = await load({ doc: { list: 'list.txt' } }, folder);
    assert.deepEqual(issues, ['list.txt:1: a.md: cannot be read: permission denied']);
  });
});

describe('loadKeys', () => {
  it('takes paths and values given in code', async () => {
    const folder = folderWith(docs);
    const loaded = await load({ doc: ['a.md', 'b.md'], n: { values: new Set(['1', '2', '3']) } }, folder);
    assert.deepEqual(loaded.paths, [
      ['a.md', 'b.md'],
      ['1', '2', '3'],
    ]);
    assert.deepEqual(
      loaded.keys.map(({ name, count, values }) => [name, count, values]),
      [
        ['doc', 2, false],
        ['n', 3, true],
      ],
    );
  });

  it('checks paths given in code', async () => {
    const { issues } = await load({ doc: ['a.md', 'x.md'] }, folderWith(docs));
    assert.deepEqual(issues, ['keys.doc[1]: x.md: no such file']);
  });

  it('reports the mistakes of all keys together, and knows all that can have a name', async () => {
    const { issues, keys, known } = await load(
      { doc: ['x.md'], gone: { list: 'gone.txt' }, 'a b': ['a.md'], n: { values: ['1'] } },
      folderWith(docs),
    );
    assert.deepEqual(issues, [
      'keys.doc[0]: x.md: no such file',
      'gone.txt: no such file; expected a text file that lists paths, one a line (key gone)',
      'key a b: not a valid name for a key; expected letters, digits, _ and -, a letter or _ first',
    ]);
    assert.deepEqual(
      keys.map(({ name }) => name),
      ['doc', 'n'],
    );
    assert.deepEqual(
      known.map(({ name }) => name),
      ['doc', 'gone', 'n'],
    );
  });

  for (const name of ['previous', 'steps', '__proto__']) {
    it(`refuses the name ${name}`, async () => {
      const sources = Object.fromEntries([[name, { values: ['1'] }]]);
      assert.deepEqual((await load(sources, '/')).issues, [
        `key ${name}: the name is reserved; choose another one`,
      ]);
    });
  }

  it('warns of keys that are empty in code', async () => {
    const { issues, warnings } = await load({ doc: [], n: { values: [] } }, '/');
    assert.deepEqual(issues, []);
    assert.deepEqual(warnings, [
      'key doc: it is empty, so there are no flows',
      'key n: it is empty, so there are no flows',
    ]);
  });

  const once = (function* () {
    yield '1';
  })();
  const wrong: [string, unknown, RegExp][] = [
    ['a string', 'docs.txt', /^key k: expected a list of paths, \{ values: … \} or \{ list: … \}$/],
    ['null', null, /expected a list of paths/],
    ['a list of numbers', ['a.md', 5], /entry 1 is of type number; expected paths only/],
    ['an empty path', [''], /entry 0 is an empty path/],
    ['stdin', { list: '-' }, /stdin \(-\) is for --key on the command line only/],
    ['values and a list', { values: ['a'], list: 'l.txt' }, /has values and a list; give one of them/],
    ['a string of values', { values: 'abc' }, /its values aren't a list; expected an iterable of strings/],
    ['values that can be gone through once', { values: once }, /only once.*give an array/],
  ];
  for (const [title, source, message] of wrong) {
    it(`refuses ${title}`, async () => {
      const sources: Record<string, KeySource> = { first: { values: ['1'] } };
      Reflect.set(sources, 'k', source);
      assert.match((await load(sources, '/')).issues.join(), message);
    });
  }
});
