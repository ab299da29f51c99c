import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { folderWith } from '../helpers/folder.js';
import { llmServer } from '../helpers/llm-server.js';
import { ranAhead, recordsIn, runBin } from '../helpers/program.js';

const echo = (...texts: string[]) => JSON.stringify([{ type: 'cmd', cmd: ['printf', '%s|', ...texts] }]);
const files = {
  'content.json': echo('{{{foo}}}'),
  'names.json': echo('{{{foo.path}}}', '{{{foo.file}}}', '{{{foo.path}}}:{{{foo.file}}}', '\\{{{foo}}}'),
  'list.txt': 'docs/a b.md\n',
  'docs/a b.md': 'content; $(id) `id` "\' {{{foo}}}',
};

describe('bin: inputs', () => {
  const rows: [what: string, args: string[], stdin: string | undefined, output: string][] = [
    [
      'the content, which no shell and no second pass touches',
      ['content.json', '-k', 'foo:list.txt'],
      undefined,
      'content; $(id) `id` "\' {{{foo}}}|',
    ],
    [
      'the path and its base name',
      ['names.json', '-k', 'foo:list.txt'],
      undefined,
      'docs/a b.md|a b.md|docs/a b.md:a b.md|{{{foo}}}|',
    ],
    [
      'a list from stdin',
      ['names.json', '-k', 'foo:-'],
      '\ufeffdocs/a b.md\r\n',
      'docs/a b.md|a b.md|docs/a b.md:a b.md|{{{foo}}}|',
    ],
    [
      'the path after the content with --append-filepath',
      ['content.json', '-k', 'foo:list.txt', '--append-filepath'],
      undefined,
      'content; $(id) `id` "\' {{{foo}}}\ndocs/a b.md|',
    ],
  ];
  const endOf = ranAhead(rows, ([, args, stdin]) =>
    runBin(['run', ...args], { cwd: folderWith(files), ...(stdin !== undefined && { stdin }) }),
  );
  for (const row of rows) {
    const [what, , , output] = row;
    it(`reach a command: ${what}`, () => {
      const ended = endOf(row);
      assert.deepEqual(
        [ended.code, recordsIn(ended).map((record) => record.output)],
        [0, [output]],
        ended.stderr,
      );
    });
  }

  it('reach a prompt with their path by --append-filepath', async () => {
    await using llm = await llmServer();
    llm.reply({ text: 'ok' });
    const cwd = folderWith({
      ...files,
      'ask.json': '[{"type": "openai", "prompt": "<{{{foo}}}>"}]',
      'docs/a b.md': 'text',
    });
    const env = { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: llm.baseUrl };
    await runBin(['run', 'ask.json', '-k', 'foo:list.txt', '--append-filepath'], { cwd, env });
    const { input }: { input: string } = JSON.parse(llm.requests[0]?.body ?? '{}');
    assert.equal(input, '<text\ndocs/a b.md>');
  });

  it('are found from the working directory, and named from --workdir in its repository', async () => {
    const cwd = folderWith({
      ...files,
      'repo/docs/in.md': 'in',
      'out.md': 'out',
      'both.txt': 'repo/docs/in.md\nout.md\n',
    });
    execFileSync('git', ['init', '-q', join(cwd, 'repo')]);
    const args = ['run', 'names.json', '-k', 'foo:both.txt', '--workdir', 'repo', '--ordered'];
    const ended = await runBin(args, { cwd });
    assert.equal(ended.code, 0, ended.stderr);
    const records = recordsIn(ended);
    assert.deepEqual(
      records.map(({ output }) => output?.split('|')[0]),
      ['docs/in.md', join(cwd, 'out.md')],
    );
    assert.deepEqual(
      records.map(({ inputs }) => inputs.foo?.path),
      ['repo/docs/in.md', 'out.md'],
    );
  });

  it('of a config are replaced by --key, and resolve against its folder', async () => {
    const config =
      'steps: [{type: cmd, cmd: [printf, "%s %s", "{{{a}}}", "{{{b}}}"]}]\nkeys: {a: a.txt, b: lost.txt}\n';
    const cwd = folderWith({
      'sub/config.yaml': config,
      'sub/a.txt': 'a.md\n',
      'sub/a.md': 'from the folder of the config',
      'b.txt': 'b.md\n',
      'b.md': 'from the working directory',
    });
    const ended = await runBin(['run', 'sub/config.yaml', '-k', 'b:b.txt'], { cwd });
    assert.equal(
      recordsIn(ended)[0]?.output,
      'from the folder of the config from the working directory',
      ended.stderr,
    );
  });

  it('that stand twice make two flows with ids of their own, and a warning', async () => {
    const cwd = folderWith({ ...files, 'twice.txt': 'docs/a b.md\ndocs/a b.md\n' });
    const ended = await runBin(['run', 'content.json', '-k', 'foo:twice.txt'], { cwd });
    assert.equal(new Set(recordsIn(ended).map(({ flow }) => flow)).size, 2);
    assert.match(
      ended.stderr,
      /warning: twice\.txt: 1 of its 2 lines repeat an earlier one \(docs\/a b\.md\)/,
    );
  });

  it('that no step uses are refused, unless that is allowed', async () => {
    const cwd = folderWith({ ...files, 'two.txt': 'content.json\nlist.txt\n' });
    const args = ['run', 'content.json', '-k', 'foo:two.txt', '-k', 'FOO:two.txt'];
    const unused =
      'key FOO: no step uses it, and it multiplies the flows by 2: 4 instead of 2; did you mean "foo"?';
    const refused = await runBin(args, { cwd });
    assert.equal(refused.stderr, `error: ${unused} Else leave it out, or allow it with --allow-unused-key\n`);
    assert.deepEqual([refused.code, refused.stdout], [2, '']);
    const allowed = await runBin([...args, '--allow-unused-key'], { cwd });
    assert.ok(allowed.stderr.includes(`warning: ${unused}\n`), allowed.stderr);
    assert.deepEqual([allowed.code, recordsIn(allowed).length], [0, 4]);
    const resumed = await runBin(['retry'], { cwd });
    assert.deepEqual([resumed.code, recordsIn(resumed).length], [0, 4], resumed.stderr);
  });

  it('that a module or an operator may read are only warned of', async () => {
    const cwd = folderWith({
      ...files,
      'score.mjs': `export default { kind: 'run', name: 'x', run: (flow) => String(flow.inputs.foo.path) };`,
      'module.json': JSON.stringify([{ type: 'module', module: './score.mjs' }]),
    });
    const ended = await runBin(['run', 'module.json', '-k', 'foo:list.txt'], { cwd });
    assert.match(ended.stderr, /warning: key foo: no step uses it, and it multiplies the flows by 1\n/);
    assert.equal(ended.code, 0);
  });

  it('of the program are not those of its steps: stdin is never inherited', async () => {
    const cwd = folderWith({ 'config.json': JSON.stringify([{ type: 'cmd', cmd: 'cat; echo end' }]) });
    // Its stdin stays open: a step that reads it would wait for good.
    const ended = await runBin(['run', 'config.json'], { cwd });
    assert.equal(recordsIn(ended)[0]?.output, 'end');
  });

  it('do not hold the key of the model, and neither do the outputs of commands', async () => {
    const key = 'sk-test-0123456789-must-not-be-shown';
    const cwd = folderWith({
      'config.json': JSON.stringify([{ type: 'cmd', cmd: 'env; env | grep -v PATH >&2; exit 1' }]),
    });
    const { code, stdout, stderr } = await runBin(['run', 'config.json'], {
      cwd,
      env: { OPENAI_API_KEY: key, OTHER: 'x' },
    });
    assert.equal(code, 1);
    assert.match(stdout, /OTHER=x/);
    assert.equal((stdout + stderr).includes(key), false);
  });
});
