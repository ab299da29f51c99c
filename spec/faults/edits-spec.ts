import assert from 'node:assert/strict';
import { ranAhead, recordsIn } from '../helpers/program.js';
import { type CountingServer, countingServer } from './counting-server.js';
import { ALL, callsOf, EDITS, type Edit } from './edits.js';
import { FULL } from './scale.js';
import { type Called, configText, outputsIn, SmallRun, STEPS } from './small-run.js';

const GROUPS = Object.entries(EDITS).slice(0, FULL ? undefined : 1);

interface Resumed extends Called {
  /** The same without what went before. */
  readonly afresh: Called | null;
}

describe('faults: edits before a resume', () => {
  let server: CountingServer;
  let base: SmallRun;
  before('the first session', async () => {
    server = await countingServer();
    base = new SmallRun(server);
    const { ended, calls } = await base.run('config.json');
    assert.deepEqual([ended.code, calls], [0, callsOf(ALL)], ended.stderr);
  });

  async function resumed({ words = '', path, ...edit }: Edit): Promise<Resumed> {
    const run = edited(await base.copy(), edit);
    const called = await run.run(`--resume last ${words}`, { path });
    const config = words.includes('config') ? '' : 'config.json';
    const afresh = FULL ? await run.run(`${config} ${words} --no-journal`, { path }) : null;
    return { ...called, afresh };
  }

  for (const [about, edits] of GROUPS) {
    describe(about, () => {
      const resumedWith = ranAhead(edits, resumed);
      for (const edit of edits) {
        it(`${edit.title}: ${edit.calls.length} calls`, () => {
          const { ended, calls, afresh } = resumedWith(edit);
          assert.equal(ended.code, 0, ended.stderr);
          assert.deepEqual(calls, edit.calls);
          const steps = recordsIn(ended).flatMap(({ steps }) => steps);
          assert.equal(steps.filter(({ replayed }) => !replayed).length, calls.length);
          if (afresh) assert.deepEqual(outputsIn(ended), outputsIn(afresh.ended));
        });
      }
    });
  }

  it('and taken back: 0 calls', async () => {
    const run = edited(await base.copy(), { steps: { ...STEPS, draft: { ...STEPS.draft, model: 'other' } } });
    assert.equal((await run.run('--resume last')).calls.length, 16);
    run.write({ 'config.json': configText(STEPS) });
    assert.deepEqual((await run.run('--resume last')).calls, []);
  });

  it('of nothing, where flows have failed: these are tried again, from the step that failed', async () => {
    const run = new SmallRun(server);
    const { ended, calls } = await run.run('config.json', { fails: 'sand' });
    assert.deepEqual([ended.code, calls], [1, callsOf(ALL)]);
    const again = await run.run('--resume last --only new');
    assert.deepEqual([again.ended.code, again.calls], [0, ['final doc a', 'final doc b']]);
    assert.deepEqual(
      recordsIn(again.ended)
        .map(({ index }) => index)
        .sort(),
      [1, 3],
    );
  });
});

function edited(run: SmallRun, { files, steps, keys }: Partial<Edit>): SmallRun {
  run.write({ ...files, ...((steps || keys) && { 'config.json': configText(steps ?? STEPS, keys) }) });
  return run;
}
