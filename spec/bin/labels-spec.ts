import assert from 'node:assert/strict';
import { folderWith } from '../helpers/folder.js';
import { recordsIn, runBin } from '../helpers/program.js';

describe('bin: steps without names', () => {
  const cwd = folderWith({
    'config.json': JSON.stringify([
      { type: 'openai', prompt: 'Review {{{doc}}}' },
      { type: 'openai', prompt: 'Sum up.' },
      { type: 'cmd', cmd: ['sh', '-c', 'grep -q simulated && exit 3'] },
      { type: 'cmd', cmd: 'cat' },
    ]),
    'docs.txt': 'a.md\nb.md\n',
    'a.md': 'A',
    'b.md': 'B',
  });
  const args = ['config.json', '--key', 'doc:docs.txt'];

  it('are told apart in the table and the summary of a run, and in what explain says of it', async () => {
    const ended = await runBin(['run', ...args, '--simulate'], { cwd });
    assert.match(ended.stderr, /^openai#1 +2 .*\nopenai#2 +2 .*\ncmd#1 +2 /m);
    assert.match(ended.stderr, /^ {2}cmd#1: exit x2, first in flow/m);
    assert.deepEqual(recordsIn(ended)[0]?.error?.step, 'cmd');
    const { stdout } = await runBin(['explain', 'last'], { cwd });
    assert.match(stdout, /^openai#1: 2 replayed\nopenai#2: 2 replayed\ncmd#1: 2 run: .*\ncmd#2: 2 /);
  });

  it('are told apart in a plan', async () => {
    const { stdout } = await runBin(['plan', ...args], { cwd });
    assert.match(stdout, /^openai#1 +openai .*\nopenai#2 +openai .*\ncmd#1 +cmd .*\ncmd#2 +cmd /m);
  });
});
