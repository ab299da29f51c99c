import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Limit } from '../../lib/inputs/contents.js';
import { countingServer } from './counting-server.js';
import { finishedIn } from './left.js';
import { Dice, FULL } from './scale.js';
import { type Called, outputsIn, SmallRun } from './small-run.js';

/* Every byte has its turn in spec/store; here it is the program that goes on with what was damaged. */

const TIMES = FULL ? 40 : 3;
const NEWLINE = 10;

describe('faults: damage before a resume', () => {
  const limit = new Limit(3);
  const dice = new Dice();
  let base: SmallRun;
  let whole: Called;
  before('the first session', async () => {
    base = new SmallRun(await countingServer());
    whole = await base.run('config.json');
  });

  /** Some at once, since starting and ending is most of the work. */
  const often = (test: (run: SmallRun) => Promise<void>): Promise<unknown> =>
    Promise.all(Array.from({ length: TIMES }, () => limit.run(async () => test(await base.copy()))));

  const within = (from: number, end: number): number => from + Math.floor(dice.below(end - from));

  it(`a journal that was cut in its last three lines, ${TIMES} x: what was cut off is called, and nothing else`, async () => {
    await often(async (run) => {
      const file = join(run.folder, 'journal.ndjson');
      const bytes = readFileSync(file);
      const cut = within(lastLines(3, bytes), bytes.length);
      writeFileSync(file, bytes.subarray(0, cut));
      const finished = finishedIn(run.folder);
      const { ended, calls } = await run.run('--resume last');
      const about = `cut at ${cut} (FAULTS_SEED=${dice.seed}): ${ended.stderr}`;
      assert.equal(ended.code, 0, about);
      assert.deepEqual([...finished, ...calls].sort(), whole.calls, about);
      assert.deepEqual(outputsIn(ended), outputsIn(whole.ended), about);
    });
  }).timeout(300_000);

  for (const name of ['journal.ndjson', 'run.json']) {
    it(`a flipped bit in ${name}, ${TIMES} x: it is found and named, nothing is called or put out`, async () => {
      await often(async (run) => {
        const file = join(run.folder, name);
        const bytes = readFileSync(file);
        const place = within(0, bytes.length - 1); // without its last newline a line is a torn one
        bytes[place] = (bytes[place] ?? 0) ^ (1 << within(0, 8));
        writeFileSync(file, bytes);
        const { ended, calls } = await run.run('--resume last');
        const about = `byte ${place} (FAULTS_SEED=${dice.seed}): ${ended.stderr}`;
        assert.deepEqual([ended.code, ended.stdout, calls], [70, '', []], about);
        assert.ok(ended.stderr.includes(`error: ${relative(run.cwd, file)}`), about);
      });
    }).timeout(300_000);
  }
});

/** Where the last lines begin, so many. */
function lastLines(count: number, bytes: Buffer): number {
  let start = bytes.length;
  for (let n = 0; n < count; n++) start = bytes.lastIndexOf(NEWLINE, start - 2) + 1;
  return start;
}
