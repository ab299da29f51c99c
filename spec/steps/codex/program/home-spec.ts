import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lastValueFrom, toArray } from 'rxjs';
import { run } from '../../../../lib/index.js';
import { HomeLock, homeMistake, homeOf, type Leave } from '../../../../lib/steps/codex/program/home.js';
import { codexBins, codexPlace, requireCodex } from '../../../helpers/codex.js';
import { folderWith } from '../../../helpers/folder.js';
import { until } from '../../../helpers/program.js';
import { message, responsesServer } from '../../../helpers/responses-server.js';

const PROGRAM = 'bin/codex';

describe('the home of codex', () => {
  const { signal } = new AbortController();
  let folder: string;
  let home: HomeLock;

  beforeEach(() => {
    folder = folderWith({ [PROGRAM]: '' });
    home = new HomeLock(folder, join(folder, PROGRAM));
  });

  /** So many that come; each is told when it may start. */
  function coming(count: number): Leave[] {
    const started: Leave[] = [];
    for (let n = 0; n < count; n++) void home.turn(signal).then((leave) => started.push(leave));
    return started;
  }

  /** So many start, and have time for more. */
  async function comes(started: readonly Leave[], expected: number): Promise<void> {
    await until(`${expected} start`, () => started.length >= expected);
    await delay(20);
    assert.equal(started.length, expected);
  }

  it('never used, has one go ahead, and all others once it is set up', async () => {
    const started = coming(5);
    await comes(started, 1);
    started[0]?.(true);
    await comes(started, 5);
  });

  it('has the next go ahead where the first ended before', async () => {
    const started = coming(3);
    await comes(started, 1);
    started[0]?.(false);
    await comes(started, 2);
    started[1]?.(true);
    started[1]?.(false);
    await comes(started, 3);
  });

  it('ends the waiting of an aborted call', async () => {
    const controller = new AbortController();
    await home.turn(signal);
    const waiting = home.turn(controller.signal);
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await assert.rejects(waiting, /enough/);
    await assert.rejects(home.turn(AbortSignal.abort(new Error('before'))), /before/);
  });

  const soon = new Date(Date.now() + 86_400_000);
  const traces: [string, (home: string) => void, number][] = [
    ['its databases', (home) => touch(join(home, 'state_5.sqlite'), soon), 3],
    ['what its databases have still to write', (home) => touch(join(home, 'state_5.sqlite-wal'), soon), 3],
    ['sessions alone, which older versions leave', (home) => touch(join(home, 'sessions'), soon), 3],
    [
      'databases from before codex was updated',
      (home) => touch(join(home, 'state_5.sqlite'), new Date(0)),
      1,
    ],
    ['a login and settings alone', (home) => touch(join(home, 'auth.json'), soon), 1],
  ];
  for (const [what, use, expected] of traces) {
    it(`with ${what} lets ${expected === 1 ? 'one' : 'all'} start`, async () => {
      use(folder);
      await comes(coming(3), expected);
    });
  }

  function touch(path: string, time: Date): void {
    if (path.endsWith('sessions')) mkdirSync(path);
    else writeFileSync(path, '');
    utimesSync(path, time, time);
  }

  it('is the folder that CODEX_HOME names, else one in HOME', () => {
    assert.equal(homeOf({ CODEX_HOME: '/a/b', HOME: '/c' }), '/a/b');
    assert.equal(homeOf({ CODEX_HOME: 'b' }), join(process.cwd(), 'b'));
    assert.equal(homeOf({ CODEX_HOME: '', HOME: '/c' }), '/c/.codex');
  });

  it('has to be there where CODEX_HOME names it; codex makes the one in HOME itself', async () => {
    assert.equal(await homeMistake({ CODEX_HOME: folder }), null);
    assert.equal(await homeMistake({ HOME: folder }), null);
    const missing = { CODEX_HOME: join(folder, 'none') };
    assert.match((await homeMistake(missing)) ?? '', /CODEX_HOME names .*none, which doesn't exist; create/);
  });

  it('has to be writable', async () => {
    assert.match(
      (await homeMistake({ CODEX_HOME: '/proc/self' })) ?? '',
      /can't write in its home \/proc\/self;/,
    );
    assert.match((await homeMistake({ HOME: '/proc/self' })) ?? '', /can't write in its home/);
  });
});

for (const [name, bin] of Object.entries(codexBins)) {
  describe(`a new home of ${name}`, () => {
    before(function () {
      requireCodex(this);
    });

    it('takes sixteen first starts at once, and nothing goes wrong there', async () => {
      await using server = await responsesServer([{ items: [message('ok')] }]);
      await using place = await codexPlace(bin, server.port);
      const { env, workdir, generated } = place;
      const steps = [{ type: 'codex', prompt: '{{{n}}}' }];
      const keys = { n: { values: Array.from({ length: 16 }, (_, n) => `${n}`) } };
      const { results$ } = run({ steps, keys, env, workdir, generated, parallel: 16 });
      const records = await lastValueFrom(results$.pipe(toArray()));
      assert.deepEqual(new Set(records.map(({ status }) => status)), new Set(['done']));
      for (const { path } of records) {
        const complaints = readFileSync(join(dirname(path ?? ''), 'stderr.log'), 'utf8').split('\n');
        assert.deepEqual(
          complaints.filter((line) => line.includes('ERROR')),
          [],
        );
      }
    });

    it('has its databases, where there are any, when the thread has started', async () => {
      const look = () =>
        readdirSync(place.env.HOME ?? '').filter((entry) => entry.endsWith('.sqlite')).length;
      let atFirstRequest = 0;
      await using server = await responsesServer(() => {
        atFirstRequest = look();
        return { items: [message('ok')] };
      });
      await using place = await codexPlace(bin, server.port);
      const { env, workdir, generated } = place;
      const options = { steps: [{ type: 'codex', prompt: 'x' }], env, workdir, generated };
      await lastValueFrom(run(options).results$);
      assert.equal(look(), atFirstRequest);
    });
  });
}
