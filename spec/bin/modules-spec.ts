import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { folderWith } from '../helpers/folder.js';
import { recordsIn, runBin } from '../helpers/program.js';

const library = JSON.stringify(resolve(import.meta.dirname, '../../dist/index.js'));

/** A module whose first flow does what the line says, and waits; the others take longer. */
function folderFor(line: string): string {
  return folderWith({
    'a.md': 'a',
    'b.md': 'b',
    'list.txt': 'a.md\nb.md\n',
    'module.mjs': `import { step } from ${library};
      import { setTimeout as delay } from 'node:timers/promises';
      export default step('m', async (flow) => {
        if (flow.index === 0) { ${line}; await delay(300); return 'fine'; }
        await delay(600);
        return 'fine';
      });`,
    'config.json': JSON.stringify([{ type: 'module', module: './module.mjs' }]),
  });
}

function runWith(line: string) {
  return runBin(['run', 'config.json', '--key', 'foo:list.txt'], { cwd: folderFor(line) });
}

const unheard = {
  'a promise that it rejects': "Promise.reject(new Error('boom'))",
  'an error in a callback': "setTimeout(() => { throw new Error('boom'); }, 1)",
};

describe('bin: modules', () => {
  for (const [what, line] of Object.entries(unheard)) {
    it(`${what} where nothing handles it fails that flow and no other`, async () => {
      const { code, stdout } = await runWith(line);
      const records = recordsIn({ stdout }).map(({ status, error }) => [status, error?.kind, error?.step]);
      assert.deepEqual(records, [
        ['failed', 'operator', 'module'],
        ['done', undefined, undefined],
      ]);
      assert.match(
        recordsIn({ stdout })[0]?.error?.message ?? '',
        /^\.\/module\.mjs .* nothing handles it: boom$/,
      );
      assert.equal(code, 1);
    });
  }

  it('a promise that is rejected after the end of its flow is told on stderr', async () => {
    const { code, stdout, stderr } = await runWith(
      "setTimeout(() => Promise.reject(new Error('late')), 400)",
    );
    assert.deepEqual([code, recordsIn({ stdout }).length], [0, 2]);
    assert.match(stderr, /warning: \.\/module\.mjs, after the end of flow \w+: .*: late\n/);
  });

  for (const code of [0, 3]) {
    it(`process.exit(${code}) in one is told, and isn't taken for an end of the run`, async () => {
      const ended = await runWith(`process.exit(${code})`);
      assert.deepEqual([ended.code, ended.stdout], [70, '']);
      assert.match(ended.stderr, /error: \.\/module\.mjs in flow \w+ ended the process \(process\.exit\)/);
    });
  }
});
