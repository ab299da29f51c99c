import assert from 'node:assert/strict';
import { detailOf } from '../../../../lib/steps/codex/turn/detail.js';
import { eventIn } from '../../../../lib/steps/codex/turn/event.js';

function detail(event: object): string | null {
  const known = eventIn(JSON.stringify(event));
  return known && detailOf(known, '/repo');
}

const started = (command: string) => ({ type: 'item.started', item: { type: 'command_execution', command } });
const done = (item: object) => ({ type: 'item.completed', item });
const ran = (command: string, exit_code: number | null) =>
  done({ type: 'command_execution', command, exit_code });
const changed = (status: string, ...paths: string[]) =>
  done({ type: 'file_change', status, changes: paths.map((path) => ({ path, kind: 'update' })) });

describe('the detail of an event', () => {
  const rows: [string, object, string | null][] = [
    ['a command as it was typed', started("/bin/bash -lc 'npm test | tail'"), '$ npm test | tail'],
    ['one that holds quotes', started('/bin/zsh -lc "echo \'hi\'"'), '$ "echo \'hi\'"'],
    ['one without a shell', started('git status'), '$ git status'],
    ['one of several lines', started("bash -lc 'cat <<X\n  hi\nX'"), '$ cat <<X | hi | X'],
    ['a command that failed', ran("/bin/bash -lc 'npm test'", 1), 'exit code 1: npm test'],
    ['no command that succeeded', ran('ls', 0), null],
    ['no command without an end', ran('ls', null), null],
    [
      'changed files, from where codex works',
      changed('completed', '/repo/lib/a.ts'),
      'changed lib/a.ts (update)',
    ],
    ['a file outside', changed('completed', '/etc/passwd'), 'changed /etc/passwd (update)'],
    ['a change that failed', changed('failed', '/repo/a'), 'could not change a (update)'],
    [
      'the first few of many files',
      changed('completed', '/repo/a', '/repo/b', '/repo/c', '/repo/d', '/repo/e'),
      'changed a (update), b (update), c (update) and 2 more',
    ],
    ["a message's first line", done({ type: 'agent_message', text: '\n Done.\nIn detail: …' }), 'Done.'],
    ['no empty message', done({ type: 'agent_message', text: ' \n' }), null],
    ['a warning', done({ type: 'error', message: 'no model' }), 'warning: no model'],
    ['a new try', { type: 'error', message: 'Reconnecting... 1/5' }, 'Reconnecting... 1/5'],
    ['nothing of reasoning', done({ type: 'reasoning', text: 'hm' }), null],
    ['nothing of the frame', { type: 'turn.started' }, null],
    ['nothing that acts on a terminal', started('echo \u001b[2Jx'), '$ echo x'],
  ];
  for (const [what, event, line] of rows) {
    it(`is ${what}`, () => assert.equal(detail(event), line));
  }

  it('is cut to a readable length, between characters', () => {
    const line = detail(started('😀'.repeat(500))) ?? '';
    assert.ok(line.length <= 120, String(line.length));
    assert.match(line, /^\$ (😀)+…$/u);
  });
});
