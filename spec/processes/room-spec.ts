import assert from 'node:assert/strict';
import { Room } from '../../lib/processes/room.js';

const { signal } = new AbortController();

describe('processes: room', () => {
  it('starts no more programs at once than it has room for, in the order in which they came', async () => {
    const room = new Room(2, () => true);
    const begun: number[] = [];
    const starts = [1, 2, 3, 4].map((number) => room.start(() => begun.push(number), signal));
    await Promise.all(starts.slice(0, 2));
    assert.deepEqual(begun, [1, 2]);
    room.leave();
    await starts[2];
    assert.deepEqual(begun, [1, 2, 3]);
    room.leave();
    await starts[3];
    assert.deepEqual(begun, [1, 2, 3, 4]);
  });

  it('waits until files can be opened, though none of its programs ends', async () => {
    let looks = 0;
    const room = new Room(2, () => ++looks > 3);
    assert.equal(await room.start(() => 'begun', signal), 'begun');
    assert.equal(looks, 4);
  });

  it('lets a start that is aborted go, and those behind it begin', async () => {
    let hasFiles = false;
    const room = new Room(2, () => hasFiles);
    const controller = new AbortController();
    const first = room.start(() => 'first', controller.signal);
    const second = room.start(() => 'second', signal);
    controller.abort(new Error('given up'));
    await assert.rejects(first, /given up/);
    hasFiles = true;
    assert.equal(await second, 'second');
  });

  it('passes on what beginning throws, and takes up no room for it', async () => {
    const room = new Room(1, () => true);
    const broken = room.start(() => {
      throw new Error('no such thing');
    }, signal);
    await assert.rejects(broken, /no such thing/);
    assert.equal(await room.start(() => 'begun', signal), 'begun');
  });
});
