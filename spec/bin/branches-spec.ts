import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { folderWith } from '../helpers/folder.js';
import { recordsIn, runBin } from '../helpers/program.js';

const project = resolve(import.meta.dirname, '../..');

describe('bin: branches and modules', () => {
  it('runs the example that lists functions, and handles each', async () => {
    const args = [
      'run',
      'examples/functions.yaml',
      '--key',
      'file:examples/files.txt',
      '--simulate',
      '--ordered',
    ];
    const ended = await runBin([...args, '--generated', folderWith()], { cwd: project });
    assert.equal(ended.code, 0, ended.stderr);
    const records = recordsIn(ended);
    assert.deepEqual(
      records.map(({ index, branch }) => [index, branch]),
      [
        [0, [0]],
        [1, [0]],
        [1, [1]],
        [2, [0]],
      ],
    );
    for (const { steps, output } of records) {
      assert.deepEqual(
        steps.map(({ name }) => name),
        ['list', 'explain', 'shorten'],
      );
      assert.equal(output?.split(' ').length, 12);
    }
    assert.match(ended.stderr, /list: 0 -> explain: 0 -> shorten: 0 \| 3\/3 \| \d+ tok /);
  });

  it('keeps what a module logs out of the results, and presumes failure where it exits', async () => {
    const module = (run: string) =>
      `export default { kind: 'run', name: 'own', type: 'function', run: ${run} };`;
    const cwd = folderWith({
      'log.mjs': module("() => { console.log('so far'); return 'x'; }"),
      'exit.mjs': module('() => process.exit(0)'),
      'log.json': '[{"type":"module","module":"./log.mjs"}]',
      'exit.json': '[{"type":"module","module":"./exit.mjs"}]',
    });
    const logged = await runBin(['run', 'log.json', '--print', 'output'], { cwd });
    assert.deepEqual([logged.code, logged.stdout], [0, 'x\n']);
    assert.match(logged.stderr, /^so far$/m);
    assert.equal((await runBin(['run', 'exit.json'], { cwd })).code, 70);
  });
});
