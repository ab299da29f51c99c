import assert from 'node:assert/strict';
import { folderWith } from '../helpers/folder.js';
import { llmServer } from '../helpers/llm-server.js';
import { recordsIn, runBin } from '../helpers/program.js';

const names = ['a', 'b', 'c'];
const lines = ['1', '2', '3', '4'];
const files = names.flatMap((name) => [
  [`${name}.txt`, lines.map((line) => `${name}${line}.md\n`).join('')],
  ...lines.map((line) => [`${name}${line}.md`, `${name}${line}`]),
]);

/** The last key varies fastest. */
const expected = lines.flatMap((a) => lines.flatMap((b) => lines.map((c) => `a${a} b${b} c${c}`)));

describe('bin: three keys of four lines', () => {
  const cwd = folderWith({
    ...Object.fromEntries(files),
    'config.json': '[{"type": "openai", "prompt": "{{{a}}} {{{b}}} {{{c}}}"}]',
  });
  const args = ['run', 'config.json', ...names.flatMap((name) => ['-k', `${name}:${name}.txt`])];

  const rows: [string, number, string[]][] = [
    ['one after the other with --parallel 1', 1, ['--parallel', '1']],
    ['five at once with --parallel 5 --ordered', 5, ['--parallel', '5', '--ordered']],
  ];
  for (const [what, parallel, options] of rows) {
    it(`give 64 flows, ${what}, in the documented order`, async () => {
      await using llm = await llmServer();
      llm.reply({ text: 'ok' }, { when: 'c3', delay: 20 }).reply({ text: 'ok' }, { delay: 5 });
      const env = { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: llm.baseUrl };
      const { code, stdout, stderr } = await runBin([...args, ...options], { cwd, env });
      const records = recordsIn({ stdout });
      assert.equal(code, 0);
      assert.deepEqual(
        records.map(({ index }) => index),
        expected.map((_, index) => index),
      );
      const texts = records.map(({ inputs }) =>
        Object.values(inputs).map(({ path }) => path?.replace('.md', '')),
      );
      assert.deepEqual(
        texts.map((paths) => paths.join(' ')),
        expected,
      );
      assert.equal(new Set(records.map(({ flow }) => flow)).size, 64);
      assert.equal(llm.requests.length, 64);
      assert.equal(llm.peak, parallel);
      assert.match(stderr, /openai: 0 \| 64\/64\n/);
    });
  }

  it("never send more than a step's own `parallel` at once", async () => {
    await using llm = await llmServer();
    llm.reply({ text: 'ok' }, { delay: 5 });
    const capped = folderWith({
      'config.yaml':
        'steps: [{type: openai, prompt: "{{{a}}} {{{b}}}", parallel: 2}]\nkeys: {a: lists/a.txt, b: lists/a.txt}\n',
      'lists/a.txt': '1.md\n2.md\n3.md\n',
      '1.md': '1',
      '2.md': '2',
      '3.md': '3',
    });
    const env = { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: llm.baseUrl };
    const { code, stdout } = await runBin(['run', 'config.yaml', '-p', '8'], { cwd: capped, env });
    assert.deepEqual([code, recordsIn({ stdout }).length, llm.peak], [0, 9, 2]);
  });
});
