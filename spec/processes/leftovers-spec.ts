import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { platform, uptime } from 'node:os';
import { join } from 'node:path';
import { leftovers } from '../../lib/processes/leftovers.js';
import { line, type Noted, notedOf, type Owner, ownerNow } from '../../lib/processes/pid-file.js';
import { lookUp } from '../../lib/processes/table.js';
import { folderWith } from '../helpers/folder.js';
import { until } from '../helpers/program.js';

const NOBODY = 2 ** 22 + 1;

describe('leftovers', () => {
  const pids: number[] = [];

  afterEach(() => {
    for (const pid of pids.splice(0)) process.kill(-pid, 'SIGKILL');
  });

  /** A group of its own; tells the pid once the line has printed something. */
  async function group(line: string, mark?: string): Promise<number> {
    const env = { PATH: process.env.PATH, ORCHESTRATOR_MARK: mark };
    const child = spawn('sh', ['-c', line], { env, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    pids.push(child.pid ?? 0);
    return child.pid ?? 0;
  }

  /** A folder for artefacts with one file of process ids: of a process that is no more, unless its facts say otherwise. */
  function ledgerOf(groups: readonly Noted[], owner: Partial<Owner> = {}): string {
    const directory = folderWith();
    mkdirSync(join(directory, '.running'));
    const lines = [{ ...ownerNow(), pid: NOBODY, ...owner }, ...groups].map(line);
    writeFileSync(join(directory, '.running/1-1.ndjson'), Buffer.concat(lines));
    return directory;
  }

  it('names what runs on after its run was killed, and says how to end it', async () => {
    const pid = await group('sleep 60 & echo up; wait');
    const directory = ledgerOf([{ ...notedOf(pid, 'codex'), at: 1_800_000_000_000 }]);
    assert.deepEqual(await leftovers(directory), [
      `warning: an earlier run was killed and left "codex" running, pid ${pid}, since 2027-01-15T08:00:00.000Z; ` +
        `end it with: kill -- -${pid}`,
    ]);
    assert.equal((await leftovers(directory)).length, 1, 'it is named until it is ended');
  });

  describe('of what is known by its mark', () => {
    const mark = randomUUID();

    before(function () {
      if (platform() !== 'linux') this.skip();
    });

    it('names a group of which nothing was noted, and says how to end it', async () => {
      const pid = await group('echo up; exec sleep 60', `${randomUUID()}.1 ${mark}.12`);
      const directory = ledgerOf([notedOf(NOBODY, 'sh')], { mark });
      await until('it has its name', () => lookUp(pid)?.name === 'sleep');
      const [line = '', ...others] = await leftovers(directory);
      assert.deepEqual(others, []);
      const [, since = ''] =
        line.match(
          new RegExp(
            `^warning: an earlier run was killed and left "sleep" running, pid ${pid}, since (.*); ` +
              `end it with: kill -- -${pid}$`,
          ),
        ) ?? [];
      assert.ok(Math.abs(Date.parse(since) - Date.now()) < 3_600_000, line);
      assert.ok(existsSync(join(directory, '.running/1-1.ndjson')), 'it is named until it is ended');
    });

    it('names a group once that was noted, too', async () => {
      const pid = await group('echo up; exec sleep 60', `${mark}.1`);
      assert.equal((await leftovers(ledgerOf([notedOf(pid, 'codex')], { mark }))).length, 1);
    });

    it('names nothing with the mark of another run, or with a mark that only begins like it', async () => {
      for (const other of [`${randomUUID()}.1`, `${mark}0.1`]) await group('echo up; exec sleep 60', other);
      assert.deepEqual(await leftovers(ledgerOf([notedOf(NOBODY, 'sh')], { mark })), []);
    });
  });

  it('removes the file of process ids when all has ended', async () => {
    const directory = ledgerOf([notedOf(NOBODY, 'codex')]);
    assert.deepEqual(await leftovers(directory), []);
    assert.deepEqual(readdirSync(directory), []);
  });

  it('never names a process that was given the number anew', async () => {
    const pid = await group('echo up; exec sleep 60');
    const noted = notedOf(pid, 'codex');
    const directory = ledgerOf([{ ...noted, started: (noted.started ?? 0) - 1 }]);
    assert.deepEqual(await leftovers(directory), []);
    assert.deepEqual(readdirSync(directory), []);
  });

  it('never names what a run that lives has started', async () => {
    const pid = await group('echo up; exec sleep 60');
    const directory = ledgerOf([notedOf(pid, 'codex')], { pid: process.pid });
    assert.deepEqual(await leftovers(directory), []);
    assert.ok(existsSync(join(directory, '.running/1-1.ndjson')));
  });

  it('knows a run by its start, too: another process may have its number by now', async () => {
    const pid = await group('echo up; exec sleep 60');
    const directory = ledgerOf([notedOf(pid, 'codex')], { pid: process.pid, started: 1 });
    assert.equal((await leftovers(directory)).length, 1);
  });

  it('leaves ledgers of other machines and containers alone', async () => {
    const pid = await group('echo up; exec sleep 60');
    const directory = ledgerOf([notedOf(pid, 'codex')], { host: 'elsewhere', boot: 'another' });
    assert.deepEqual(await leftovers(directory), []);
    assert.ok(existsSync(join(directory, '.running/1-1.ndjson')));
  });

  it('removes what is from before the system was started anew', async () => {
    const pid = await group('echo up; exec sleep 60');
    const directory = ledgerOf([notedOf(pid, 'codex')], { boot: 'another' });
    assert.deepEqual(await leftovers(directory), []);
    assert.deepEqual(readdirSync(directory), []);
  });

  describe('of a group whose leader has gone', () => {
    let noted: Noted;

    beforeEach(async () => {
      const pid = await group('sleep 60 & echo up; exec sleep 60');
      noted = notedOf(pid, 'codex');
      process.kill(pid, 'SIGKILL');
      await until('its leader has gone', () => notedOf(pid, '').started === null);
    });

    it('names it where its members ran while the run lived', async () => {
      assert.equal((await leftovers(ledgerOf([noted]))).length, 1);
    });

    it('does not where they are younger: the number may have been given anew', async () => {
      const alive = Math.floor((uptime() - 60) * 100);
      assert.deepEqual(await leftovers(ledgerOf([noted], { alive })), []);
    });
  });

  it('makes nothing of a folder without files of process ids, or with one that is damaged', async () => {
    assert.deepEqual(await leftovers(folderWith()), []);
    assert.deepEqual(await leftovers(folderWith({ '.running/x': '', '.running/y': '{}\n[' })), []);
  });
});
