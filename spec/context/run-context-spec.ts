import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DenseSet, type Member } from '../../lib/context/run-context.js';

describe('Roster', () => {
  it('has those who came and did not leave', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(9), fc.boolean()), { minLength: 40, maxLength: 80 }), (moves) => {
        const roster = new DenseSet<Member>();
        const members = Array.from({ length: 10 }, () => ({ seat: -1 }));
        const there = new Set<Member>();
        for (const [n, comes] of moves) {
          const member = members[n];
          if (!member || (comes && there.has(member))) continue;
          if (comes) roster.add(member);
          else roster.delete(member);
          if (comes) there.add(member);
          else there.delete(member);
        }
        assert.equal(roster.size, there.size);
        assert.deepEqual(new Set(roster.all()), there);
      }),
    );
  });
});
