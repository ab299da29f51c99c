import { explained, type Row } from './mistakes.js';

const files = {
  'broken.yaml': '- type: openai\n  prompt: [a, b\n',
  'duplicate.yaml': '- type: openai\n  prompt: a\n  prompt: b\n',
  'text.json': '"review"',
  'number.yaml': '3\n',
  'empty.json': '',
  'comment.yaml': '# nothing yet\n',
  'nosteps.json': '[]',
  'nolist.json': '{"steps": {"type": "openai"}}',
  'type.json': '[{"type": "opnai", "prompt": "x"}]',
  'field.json': '[{"type": "openai", "prompt": "x"}, {"type": "openai", "prmpt": "x"}]',
  'top.json': '{"steps": [{"type": "openai", "prompt": "x"}], "key": {}}',
  'placeholder.json': '[{"type": "openai", "prompt": "x {{{fooo}}}"}]',
  'previous.json': '[{"type": "openai", "prompt": "x {{{previous}}}"}]',
  'steps.json':
    '[{"type": "openai", "prompt": "a", "name": "draft"}, {"type": "openai", "prompt": "{{{steps.drat}}}"}]',
  'shell.json': '[{"type": "cmd", "cmd": "wc -l {{{foo.path}}}"}]',
  'both.json': '[{"type": "openai", "prompt": "x", "promptFile": "a.md"}]',
  'neither.json': '[{"type": "openai"}]',
};

const rows: Row[] = [
  ['a missing config', 'run lost.json', /lost\.json: no such file; expected a config/],
  ['a folder as the config', 'run .', /\.: is a directory; expected a config file/],
  [
    'a config that is no JSON',
    'run broken.json',
    /broken\.json:2:13: is not valid JSON: expected a value, found "r"/,
  ],
  ['a config that is no YAML', 'run broken.yaml', /broken\.yaml:3:1: is not valid YAML/],
  ['a field twice in YAML', 'run duplicate.yaml', /duplicate\.yaml:3:3: is not valid YAML: .*unique/],
  [
    'a config that is a text',
    'run text.json',
    /text\.json: expected a list of steps.*got "review" \(string\)/,
  ],
  [
    'a config that is a number',
    'run number.yaml',
    /number\.yaml: expected a list of steps.*got 3 \(number\)/,
  ],
  ['an empty file', 'run empty.json', /empty\.json: is empty; expected a list of steps/],
  ['a config of comments alone', 'run comment.yaml', /comment\.yaml: is empty/],
  ['an empty list of steps', 'run nosteps.json', /steps: is empty; expected at least one step/],
  ['steps that are no list', 'run nolist.json', /steps: expected a list of steps, got an object/],
  [
    'an unknown type',
    'run type.json',
    /^error: type\.json:1:3: steps\[0\]\.type: unknown type "opnai"; did you mean "openai"\?; known types: openai, codex, cmd/,
  ],
  [
    'an unknown field',
    'run field.json',
    /field\.json:1:56: steps\[1\]\.prmpt: unknown field; did you mean "prompt"\?/,
  ],
  [
    'an unknown field beside the steps',
    'run top.json',
    /top\.json:1:48: key: unknown field; did you mean "keys"\?/,
  ],
  [
    'an unknown placeholder',
    'run placeholder.json -k foo:list.txt',
    /steps\[0\]\.prompt: \{\{\{fooo\}\}\} is not defined; did you mean \{\{\{foo\}\}\}\?/,
  ],
  [
    'an unknown placeholder beside keys without a valid name',
    'run placeholder.json -k foo:list.txt -k 1x:list.txt',
    /\{\{\{fooo\}\}\} is not defined; did you mean \{\{\{foo\}\}\}\? Keys: foo\n/,
  ],
  [
    '{{{previous}}} in the first step',
    'run previous.json',
    /steps\[0\]\.prompt: \{\{\{previous\}\}\}.*first step/,
  ],
  [
    'an unknown step in a placeholder',
    'run steps.json',
    /steps\[1\]\.prompt: \{\{\{steps\.drat\}\}\}.*did you mean \{\{\{steps\.draft\}\}\}\?/,
  ],
  [
    'a placeholder in a shell line',
    'run shell.json -k foo:list.txt',
    /steps\[0\]\.cmd: .*\["sh", "-c", "wc -l \\"\$1\\"", "sh", "\{\{\{foo\.path\}\}\}"\]/,
  ],
  [
    'prompt and promptFile',
    'run both.json',
    /steps\[0\]\.promptFile: can't be combined with `prompt`; give one of them/,
  ],
  [
    'neither prompt nor promptFile',
    'run neither.json',
    /steps\[0\]\.prompt: missing; give `prompt` or `promptFile`/,
  ],
];

explained('bin: mistakes in a config', files, rows);
