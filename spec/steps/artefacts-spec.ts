import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunOptions } from '../../lib/index.js';
import { Artefacts } from '../../lib/steps/artefacts.js';
import { folderWith } from '../helpers/folder.js';
import { all } from '../helpers/runs.js';

describe('Artefacts', () => {
  it('makes folders of their own, for their owner only', async () => {
    const artefacts = new Artefacts(join(folderWith({}), 'a', 'generated'));
    await artefacts.prepare();
    const folders = await Promise.all([1, 2, 3].map(() => artefacts.folder('codex_exec')));
    assert.equal(new Set(folders).size, 3);
    for (const folder of [artefacts.directory, ...folders])
      assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.match(folders[0] ?? '', /generated\/codex_exec_\w{6}$/);
  });

  it('are made even where another run, which kept nothing, removes the folder meanwhile', async () => {
    const directory = join(folderWith({}), 'generated');
    for (let turn = 0; turn < 500; turn++) {
      const removed = rmdir(directory).catch(() => {});
      await Promise.all([new Artefacts(directory).prepare(), removed]);
    }
  });

  it('says what stands in the way', async () => {
    const folder = folderWith({ taken: '' });
    for (const directory of ['taken', 'taken/generated']) {
      await assert.rejects(
        new Artefacts(join(folder, directory)).prepare(),
        /generated folder .*: cannot write there: a file has that name; name a writable folder with --generated/,
      );
    }
  });
});

describe('the folder for artefacts', () => {
  const ask = { type: 'openai', prompt: 'x' };
  const rows: [what: string, options: RunOptions, end: RegExp | string][] = [
    ['asks a model', { steps: [ask], simulate: true }, 'done'],
    ['runs a command', { steps: [{ type: 'cmd', cmd: 'echo x' }] }, 'done'],
    ['is refused', { steps: [{ ...ask, prmpt: 'x' }] }, /prmpt/],
    ['lacks a program', { steps: [{ type: 'codex', prompt: 'x', bin: './none' }] }, /none/],
  ];
  for (const [what, options, end] of rows) {
    it(`isn't left behind by a run that ${what} and keeps nothing`, async () => {
      const place = folderWith({});
      const running = all({ ...options, generated: join(place, 'a', 'generated') });
      if (typeof end === 'string') assert.equal((await running).records[0]?.status, end);
      else await assert.rejects(running, end);
      assert.deepEqual(await readdir(place), []);
    });
  }

  it('stays where it was there before', async () => {
    const generated = folderWith({});
    await all({ steps: [ask], simulate: true, generated });
    assert.ok(existsSync(generated));
  });

  it("isn't asked for by a run that keeps nothing", async () => {
    const generated = join(folderWith({ taken: '' }), 'taken');
    const { records } = await all({ steps: [ask], simulate: true, generated });
    assert.equal(records[0]?.status, 'done');
  });
});
