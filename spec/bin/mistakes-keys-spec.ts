import { ask, explained, type Row } from './mistakes.js';

const files = {
  'stdin.json': JSON.stringify({ steps: [ask], keys: { foo: '-' } }),
  'unexpanded.txt': '~/a.md\n*.md\n',
  'wrong.json': JSON.stringify({ steps: [ask], keys: { foo: ['a.md'] } }),
  'blank.txt': '\r\n\n',
  'utf16.txt': Buffer.from('\ufeffa.md\n', 'utf16le'),
};

const rows: Row[] = [
  [
    'a key without a list',
    'run good.json --key foo',
    /^error: --key: expected name:list, got "foo"; for example --key foo:paths\.txt\n$/,
  ],
  ['a key twice', 'run good.json -k foo:list.txt -k foo:list.txt', /--key: "foo" is given twice/],
  [
    'stdin for two keys',
    'run good.json -k foo:- -k bar:-',
    /--key: stdin \(-\) can be the list of one key only/,
  ],
  [
    'a reserved key name',
    'run good.json -k foo:list.txt -k steps:list.txt -k previous:list.txt',
    [/key steps: the name is reserved/, /key previous: the name is reserved/],
  ],
  [
    'a key name that no placeholder can have',
    'run good.json -k foo:list.txt -k 1x:list.txt',
    /key 1x: not a valid name for a key; expected letters/,
  ],
  [
    'stdin as the list of a config',
    'run stdin.json',
    /^error: key foo: stdin \(-\) is for --key on the command line only; name a file that lists paths\n$/,
  ],
  [
    'a key of the config that is broken, and not what follows from it',
    'run wrong.json',
    /^error: wrong\.json:1:\d+: keys\.foo: expected the path of a list, got a list; [^\n]*\n$/,
  ],
  [
    'a missing list',
    'run good.json -k foo:lost.txt',
    /lost\.txt: no such file; expected a text file that lists paths, one a line \(key foo\)/,
  ],
  [
    'a folder as the list',
    'run good.json -k foo:.',
    /\.: is a directory; expected a text file that lists paths/,
  ],
  ['a list in UTF-16', 'run good.json -k foo:utf16.txt', /utf16\.txt: .*UTF-16/],
  ['an empty list', 'run good.json -k foo:blank.txt', /blank\.txt: the list is empty/],
  ['an empty list on stdin', 'run good.json -k foo:-', /stdin: the list is empty/, { stdin: '\n' }],
  [
    'a missing file in a list from stdin',
    'run good.json -k foo:-',
    /stdin:2: lost\.md: no such file/,
    { stdin: 'a.md\nlost.md\n' },
  ],
  [
    'missing files, all of them with their lines',
    'run good.json -k foo:lacking.txt',
    [
      /lacking\.txt:2: lost\.md: no such file/,
      /lacking\.txt:4: b\/gone\.md: no such file/,
      /lacking\.txt:6: \.: is a directory/,
    ],
  ],
  [
    'lines that a shell would expand',
    'run good.json -k foo:unexpanded.txt',
    [
      /unexpanded\.txt:1: ~\/a\.md: .*~ isn.t expanded/,
      /unexpanded\.txt:2: \*\.md: .*patterns aren.t expanded/,
    ],
  ],
];

explained('bin: mistakes in keys and their lists', files, rows);
