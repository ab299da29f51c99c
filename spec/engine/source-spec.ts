import assert from 'node:assert/strict';
import { Source } from '../../lib/engine/source.js';
import type { Combination } from '../../lib/inputs/product.js';
import { newEngine } from '../helpers/flows.js';

function combinations(count: number): Combination[] {
  return Array.from({ length: count }, (_, index) => ({ index, entries: [] }));
}

const positions = (source: Source) => [...source].map(({ index }) => index);

describe('Source', () => {
  it('gives all combinations', () => {
    assert.deepEqual(positions(new Source(combinations(3), 3, newEngine([]).engine)), [0, 1, 2]);
  });

  it('ends when the run is stopped', () => {
    const engine = newEngine([]).engine;
    const source = new Source(combinations(3), 3, engine);
    for (const { index } of source) if (index === 1) engine.stop({ why: 'failures', message: '' });
    assert.equal(source.hasMore, true);
  });

  it('gives those that are wanted alone, as they stand in the whole', () => {
    const source = new Source(combinations(10), 10, newEngine([]).engine, new Set([7, 2]));
    assert.deepEqual(positions(source), [2, 7]);
  });

  it('goes no further than the last that is wanted', () => {
    let pulled = 0;
    const counted = {
      *[Symbol.iterator]() {
        for (const combination of combinations(1000)) {
          pulled++;
          yield combination;
        }
      },
    };
    const source = new Source(counted, 1000, newEngine([]).engine, new Set([2]));
    const seen: boolean[] = [];
    for (const _ of source) seen.push(source.hasMore);
    assert.deepEqual([seen, pulled], [[false], 3]);
  });

  it('stops the run when the values throw, and lets what is in flight finish', () => {
    const engine = newEngine([]).engine;
    const broken = {
      *[Symbol.iterator]() {
        yield* combinations(1);
        throw new Error('no more');
      },
    };
    assert.deepEqual(positions(new Source(broken, null, engine)), [0]);
    assert.deepEqual([engine.stopped?.why, engine.cancelled], ['fault', false]);
  });
});
