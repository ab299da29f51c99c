import assert from 'node:assert/strict';
import { join } from 'node:path';
import { folderWith } from '../helpers/folder.js';
import { ranAhead, recordsIn, runLine } from '../helpers/program.js';

/** In a folder that is removed before the program starts. */
function runInGone(args: string) {
  const cwd = folderWith({ 'c.json': '[{"type": "cmd", "cmd": "ls"}]' });
  return runLine(`mkdir gone && cd gone && rm -r ../gone && $orchestrator ${args.replace('CWD', cwd)}`, {
    cwd,
  });
}

describe('bin: a working directory that is gone', () => {
  const commands = [
    'run CWD/c.json',
    'run CWD/c.json --workdir CWD',
    'run CWD/c.json --simulate',
    'plan CWD/c.json',
    'retry',
    'runs',
    'results last',
    'explain last x',
    'rm last',
  ];
  const endOf = ranAhead(commands, runInGone);
  for (const command of commands) {
    it(`is a mistake for ${command}`, () => {
      const { code, stdout, stderr } = endOf(command);
      assert.match(stderr, /^error: the working directory is gone \(.*\); change to one that exists\n$/);
      assert.deepEqual([code, stdout], [2, '']);
    });
  }

  for (const args of ['--help', '--version', 'run --help']) {
    it(`doesn't matter to ${args}`, async () => assert.equal((await runInGone(args)).code, 0));
  }

  it('fails the flows whose --workdir goes during the run, and names it', async () => {
    const steps = [
      { type: 'cmd', name: 'remove', cmd: 'rm -r ../work' },
      { type: 'cmd', cmd: ['echo', 'hi'] },
    ];
    const cwd = folderWith({ 'c.json': JSON.stringify(steps), 'work/x': '' });
    const ended = await runLine('$orchestrator run c.json --workdir work', { cwd });
    const [record] = recordsIn(ended);
    assert.equal(
      record?.error?.message,
      `cannot start "echo": the folder ${join(cwd, 'work')} doesn't exist`,
    );
    assert.equal(ended.code, 1);
  });
});
