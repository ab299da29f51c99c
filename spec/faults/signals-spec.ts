import assert from 'node:assert/strict';
import { type Program, recordsIn, until } from '../helpers/program.js';
import { countingServer } from './counting-server.js';
import { Job, PARALLEL, type Session } from './job.js';
import { Dice, FULL } from './scale.js';
import { settled } from './settled.js';

const [FLOWS, TIMES] = FULL ? [2000, 20] : [100, 1];
/** How many calls a session makes before it is ended, on average: then something is left for the last one. */
const CALLS = (2 * FLOWS * 0.8) / TIMES;

interface Way {
  readonly title: string;
  readonly end: (program: Program) => void | Promise<void>;
  /** How many flows may be cancelled; each was in one call at most. */
  readonly most: number;
}

const WAYS: readonly Way[] = [
  { title: 'SIGINT (what is in flight finishes)', end: (program) => program.kill('SIGINT'), most: 0 },
  { title: 'SIGINT twice', end: interruptTwice, most: PARALLEL },
  { title: 'SIGTERM', end: (program) => program.kill('SIGTERM'), most: PARALLEL },
];

async function interruptTwice(program: Program): Promise<void> {
  let gone = false;
  program.ended.then(() => {
    gone = true;
  });
  program.kill('SIGINT');
  await until('it is heard', () => gone || program.told.stderr.includes('no new flows'));
  program.kill('SIGINT');
}

describe('faults: signals', () => {
  for (const { title, end, most } of WAYS) {
    it(`${title}, ${TIMES} x during ${FLOWS} flows: all have their records, and no finished step is called again`, async function () {
      this.timeout(300_000);
      const server = await countingServer();
      const job = new Job(server, { flows: FLOWS });
      const dice = new Dice();
      for (let time = 0; time < TIMES; time++) {
        const meddle = async (program: Program, caller: string) => {
          const moment = server.after(1 + Math.floor(dice.below(2 * CALLS)), caller);
          await Promise.race([moment, program.ended]);
          await end(program);
        };
        assertInterrupted(await job.sit({ meddle }), most);
      }
      await job.sit();
      const account = await settled(job, dice.seed);
      for (const lost of account.lost) assert.ok(lost <= most, `${lost} calls were lost`);
    });
  }
});

/** Unless all was done before it heard of it. */
function assertInterrupted({ ended }: Session, most: number): void {
  if (ended.code === 0) return;
  assert.equal(ended.code, 130, ended.stderr);
  assert.match(ended.stderr, /\nresume with: orchestrator run --resume [\w-]+\n$/);
  const statuses = recordsIn(ended).map(({ status }) => status);
  assert.deepEqual(new Set(['done', 'cancelled', ...statuses]), new Set(['done', 'cancelled']));
  assert.ok(statuses.filter((status) => status === 'cancelled').length <= most);
}
