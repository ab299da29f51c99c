import assert from 'node:assert/strict';
import { groupsUnder } from '../../lib/processes/tree.js';

describe('groupsUnder', () => {
  /** `pid parent group`, each line a process. */
  function table(...lines: string[]) {
    return lines.map((line) => {
      const [pid = 0, parent = 0, group = 0] = line.split(' ').map(Number);
      return { pid, parent, group, isZombie: false, isStopped: false };
    });
  }

  const rows: [string, string[], number[]][] = [
    ['nothing else where nothing else was started', ['10 1 10', '11 10 10', '20 1 20'], [10]],
    ['a group that a member began', ['10 1 10', '11 10 10', '12 11 12'], [10, 12]],
    ['one that was begun in that', ['10 1 10', '12 10 12', '13 12 13'], [10, 12, 13]],
    ['one that an orphan in the group began', ['11 1 10', '12 11 12'], [10, 12]],
    ['no group of a process that has no parent there', ['10 1 10', '12 1 12'], [10]],
    ['nothing where nothing runs', [], [10]],
  ];
  for (const [what, lines, expected] of rows) {
    it(`finds ${what}`, () => assert.deepEqual([...groupsUnder([10], table(...lines))], expected));
  }
});
