import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lifeOf, type ProcessIdentity, thisProcess } from '../../lib/processes/identity.js';
import { lookUp } from '../../lib/processes/table.js';
import { until } from '../helpers/program.js';

describe('lifeOf', () => {
  const me = thisProcess();
  const rows: [string, Partial<ProcessIdentity>, string][] = [
    ['this process', {}, 'runs'],
    ['this process when the machine was called otherwise', { host: 'elsewhere' }, 'runs'],
    ['one that had its number before', { started: (me.started ?? 0) - 1 }, 'ended'],
    ['one of before the last start', { boot: 'another' }, 'ended'],
    ['one of another machine', { host: 'elsewhere', boot: 'another' }, 'unknown'],
    ['one in a container that is seen from here', { namespace: 'pid:[1]' }, 'runs'],
    [
      'one in a container that is gone, or can be seen only from outside',
      { namespace: 'pid:[1]', started: (me.started ?? 0) - 1 },
      me.namespace === 'pid:[4026531836]' ? 'ended' : 'unknown',
    ],
    ['one that runs, with no more known than when', { started: null }, 'runs'],
    [
      'one of that number from before it was given to this one',
      { started: null, since: '2020-01-01T00:00:00Z' },
      'ended',
    ],
  ];
  for (const [who, differing, expected] of rows) {
    it(`of ${who}: ${expected}`, async function () {
      if (me.boot === null) this.skip();
      assert.equal(await lifeOf({ ...me, ...differing }), expected);
    });
  }

  it('of one that was killed: ended', async () => {
    const child = spawn('sleep', ['60']);
    const { pid = 0 } = child;
    const identity = { ...me, pid, started: lookUp(pid)?.started ?? null };
    assert.equal(await lifeOf(identity), 'runs');
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(await lifeOf(identity), 'ended');
    assert.equal(await lifeOf({ ...identity, started: null }), 'ended');
  });

  it('of a zombie: ended', async function () {
    if (me.boot === null) this.skip();
    // It ends once its parent has become what reaps nothing.
    const child = '(while [ "$(cat /proc/$$/comm)" != sleep ]; do :; done)';
    const parent = spawn('sh', ['-c', `${child} & echo $!; exec sleep 60`]);
    const [printed] = await once(parent.stdout, 'data');
    const pid = Number(printed);
    await until('it is a zombie', () => lookUp(pid)?.isZombie === true);
    assert.equal(await lifeOf({ ...me, pid, started: lookUp(pid)?.started ?? null }), 'ended');
    parent.kill('SIGKILL');
    await once(parent, 'exit');
  });
});
