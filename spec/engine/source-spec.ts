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
    assert.deepEqual(positions(new Source(combinations(3), 3, newEngine([]).runContext)), [0, 1, 2]);
  });

  it('ends when the run is stopped', () => {
    const runContext = newEngine([]).runContext;
    const source = new Source(combinations(3), 3, runContext);
    for (const { index } of source) if (index === 1) runContext.stop({ why: 'failures', message: '' });
    assert.equal(source.hasMore, true);
  });

  it('gives those that are wanted alone, as they stand in the whole', () => {
    const source = new Source(combinations(10), 10, newEngine([]).runContext, new Set([7, 2]));
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
    const source = new Source(counted, 1000, newEngine([]).runContext, new Set([2]));
    const seen: boolean[] = [];
    for (const _ of source) seen.push(source.hasMore);
    assert.deepEqual([seen, pulled], [[false], 3]);
  });

  it('stops the run when the values throw, and lets flows in flight finish', () => {
    const runContext = newEngine([]).runContext;
    const broken = {
      *[Symbol.iterator]() {
        yield* combinations(1);
        throw new Error('no more');
      },
    };
    assert.deepEqual(positions(new Source(broken, null, runContext)), [0]);
    assert.deepEqual([runContext.stopped?.why, runContext.cancelled], ['fault', false]);
  });

  it('looks ahead at what wasn’t pulled yet, at each once, however often it is asked', () => {
    let made = 0;
    const counted = {
      *[Symbol.iterator]() {
        for (const combination of combinations(1000)) {
          made++;
          yield combination;
        }
      },
    };
    const source = new Source(counted, 1000, newEngine([]).runContext);
    const asked: number[] = [];
    const answers: unknown[] = [];
    for (const { index } of source) {
      if (index >= 500) break;
      const isWanted = (combination: Combination) => {
        asked.push(combination.index);
        return combination.index === 400;
      };
      answers.push(source.anyLeft(isWanted));
    }
    assert.equal(answers.indexOf(false), 400, 'the 400th is the last that fits');
    assert.equal(new Set(asked).size, 999);
    assert.ok(asked.length < 1500, `${asked.length}`);
    assert.equal(made, 501 + 1000);
  });

  it('can’t look ahead where the number of values is unknown: they may be iterable only once', () => {
    const source = new Source(combinations(3), null, newEngine([]).runContext);
    assert.equal(
      source.anyLeft(() => true),
      undefined,
    );
  });
});
