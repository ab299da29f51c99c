import assert from 'node:assert/strict';
import { psTable, psTableNow, startTimes } from '../../lib/processes/ps.js';
import { lookUp } from '../../lib/processes/table.js';

describe('what ps tells, where the system has no better way', () => {
  const { parent, group } = lookUp(process.pid) ?? {};

  it('are all processes, with their parents and groups', async () => {
    for (const table of [await psTable(), psTableNow()]) {
      const own = table.find(({ pid }) => pid === process.pid);
      assert.deepEqual(own, { pid: process.pid, parent, group, isZombie: false, isStopped: false });
      assert.ok(table.some(({ pid }) => pid === parent));
    }
  });

  it('is when they started, to the second', async () => {
    const start = Date.now() - process.uptime() * 1000;
    const told = (await startTimes()).get(process.pid) ?? 0;
    assert.ok(Math.abs(told - start) <= 2000, `${told} ${start}`);
  });
});
