import assert from 'node:assert/strict';
import { Load } from '../../lib/progress/load.js';

const start = Date.now();

describe('Load', () => {
  it('is what runs, from the first moment on', () => {
    const load = new Load();
    for (let call = 0; call < 8; call++) load.started(start);
    for (const ms of [1, 1000, 1_000_000]) assert.ok(Math.abs(load.average(start + ms) - 8) < 1e-9);
  });

  it('is nothing before anything runs', () => {
    assert.equal(new Load().average(start), 0);
  });

  it('is an average over time', () => {
    const load = new Load();
    for (let second = 0; second < 300; second += 2) {
      load.started(start + second * 1000);
      load.ended(start + (second + 1) * 1000);
    }
    const average = load.average(start + 300_000);
    assert.ok(Math.abs(average - 0.5) < 0.02, `${average}`);
  });

  it('forgets: what a lane was like before it was slowed down', () => {
    const load = new Load();
    for (let call = 0; call < 100; call++) load.started(start);
    for (let call = 0; call < 90; call++) load.ended(start + 600_000);
    const average = load.average(start + 720_000);
    assert.ok(average > 10 && average < 13, `${average}`);
  });
});
