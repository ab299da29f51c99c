import assert from 'node:assert/strict';
import { once } from '../../lib/util/once.js';

describe('once', () => {
  it('makes the value on first use, and keeps it', () => {
    let made = 0;
    const get = once(() => {
      made++;
      return undefined;
    });
    assert.equal(made, 0);
    get();
    get();
    assert.equal(made, 1);
  });
});
