import assert from 'node:assert/strict';
import { folderWith } from '../helpers/folder.js';
import { type LlmServer, llmServer } from '../helpers/llm-server.js';
import { type Ended, ranAhead, runBin } from '../helpers/program.js';

export const ask = { type: 'openai', prompt: 'Review {{{foo}}}' };
export const codex = { type: 'codex', prompt: 'Fix {{{foo}}}' };

/** Files that several suites name. */
const common = {
  'good.json': JSON.stringify([ask]),
  'codex.json': JSON.stringify([codex]),
  'broken.json': '[{"type": "openai",\n  "prompt": review}]',
  'list.txt': 'a.md\n',
  'lacking.txt': 'a.md\nlost.md\n\nb/gone.md\na.md\n.\n',
  'a.md': 'content',
  taken: 'a file, not a folder',
};

type Options = { readonly env?: Record<string, string | undefined>; readonly stdin?: string };

/** A mistake, the command line that makes it, without spaces within an argument, and what stderr has to say. */
export type Row = [what: string, args: string, expected: RegExp | RegExp[], options?: Options];

/** A suite in which the program explains each mistake and ends with 2, before it prints or calls anything. */
export function explained(
  title: string,
  files: Readonly<Record<string, string | Buffer>>,
  rows: readonly Row[],
): void {
  describe(title, () => {
    let llm: LlmServer;
    let cwd: string;

    before(async () => {
      llm = await llmServer();
      cwd = folderWith({ ...common, ...files });
    });
    const endOf = ranAhead(rows, run);
    after(() => llm.stop());

    function run([, args, , { env, stdin } = {}]: Row): Promise<Ended> {
      const base = { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: llm.baseUrl, PATH: '/nowhere' };
      const given = args === '' ? [] : args.split(' ');
      return runBin(given, { cwd, env: { ...base, ...env }, ...(stdin !== undefined && { stdin }) });
    }

    for (const row of rows) {
      const [what, , expected] = row;
      it(`explains ${what}`, () => {
        const { code, stdout, stderr } = endOf(row);
        for (const pattern of [expected].flat()) assert.match(stderr, pattern);
        assert.equal(stdout, '');
        assert.equal(code, 2);
        assert.doesNotMatch(stderr, /internal fault|\n {4}at /);
        assert.equal(llm.requests.length, 0);
      });
    }
  });
}
