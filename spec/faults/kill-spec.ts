import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Program } from '../helpers/program.js';
import { countingServer } from './counting-server.js';
import { Job, PARALLEL } from './job.js';
import { Dice, FULL } from './scale.js';
import { settled } from './settled.js';
import { slowSync } from './slow-sync.js';

const [FLOWS, KILLS] = FULL ? [2000, 100] : [100, 3];
/** Some of the kills come while the program starts, or replays what it finds. */
const EARLY = 0.25;
const EARLY_MS = 800;
/** How many calls a session makes before it is killed, on average: then something is left for the last one. */
const CALLS = (2 * FLOWS * 0.9) / (KILLS * (1 - EARLY));
/**
 * How many calls a kill may lose. A flow is in one call at a time, and results are written at once, or with those of the
 * next two milliseconds: that may be all that a flow has got, but not what another one got in its place before.
 */
const IN_FLIGHT = 3 * PARALLEL;

const [SLOW_FLOWS, SLOW_KILLS] = FULL ? [600, 60] : [60, 3];
/** Each output has a file of its own. */
const BIG = 'x'.repeat(80_000);

describe('faults: kill -9', () => {
  it(`${SLOW_KILLS} times with outputs of 80 KB on a disk that takes 100 ms to sync each: no more is lost`, async function () {
    this.timeout(900_000);
    const under = slowSync(this, { path: 'outputs', ms: 100 });
    const server = await countingServer();
    const job = new Job(server, { flows: SLOW_FLOWS, filler: BIG });
    const dice = new Dice();
    const kill = async (program: Program, caller: string): Promise<void> => {
      const calls = 1 + Math.floor(dice.below((4 * SLOW_FLOWS) / SLOW_KILLS));
      await Promise.race([server.after(calls, caller), program.ended]);
      program.kill('SIGKILL');
    };
    for (let kills = 0; kills < SLOW_KILLS; kills++) await job.sit({ under, meddle: kill });
    await job.sit();

    const { lost } = await settled(job, dice.seed);
    for (const calls of lost) assert.ok(calls <= IN_FLIGHT, `${calls} calls were lost at once`);
  });

  it(`${KILLS} times during ${FLOWS} flows: all have their records, and no finished step is called again`, async function () {
    this.timeout(900_000);
    const server = await countingServer();
    const job = new Job(server, { flows: FLOWS });
    const dice = new Dice();

    const moment = async (caller: string): Promise<void> => {
      if (job.sessions.length > 0 && dice.below(1) < EARLY) return delay(dice.below(EARLY_MS));
      await server.after(1 + Math.floor(dice.below(2 * CALLS)), caller);
      await delay(dice.below(10));
    };
    const kill = async (program: Program, caller: string): Promise<void> => {
      await Promise.race([moment(caller), program.ended]);
      program.kill('SIGKILL');
    };
    for (let kills = 0; kills < KILLS; kills++) await job.sit({ meddle: kill });
    await job.sit();

    const { lost } = await settled(job, dice.seed);
    for (const calls of lost) assert.ok(calls <= IN_FLIGHT, `${calls} calls were lost at once`);
    assert.ok(
      job.sessions.some(({ ended }) =>
        /took over the lock of process \d+, which no longer runs/.test(ended.stderr),
      ),
    );
  });
});
