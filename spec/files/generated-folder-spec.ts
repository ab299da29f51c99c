import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { makeGeneratedFolder } from '../../lib/files/generated-folder.js';
import { pidFileIn } from '../../lib/processes/pid-file.js';
import { Artefacts } from '../../lib/steps/artefacts.js';
import { createRun } from '../../lib/store/run-store.js';
import { folderWith } from '../helpers/folder.js';

describe('the generated folder', () => {
  const ignored = (folder: string) => readFileSync(join(folder, '.gitignore'), 'utf8');

  it('is made with those around it, for its owner only, and kept out of git', async () => {
    const folder = join(folderWith(), 'a', 'generated');
    makeGeneratedFolder(folder);
    assert.equal(ignored(folder), '*\n');
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(statSync(join(folder, '.gitignore')).mode & 0o777, 0o600);
  });

  it('is kept out of git by whatever writes there first', async () => {
    const byRun = join(folderWith(), 'generated');
    await (await createRun(byRun, {})).close({});
    const byArtefacts = join(folderWith(), 'generated');
    await new Artefacts(byArtefacts).folder('codex_exec');
    const byCommand = join(folderWith(), 'generated');
    const end = pidFileIn(byCommand).note(process.pid, 'one');
    assert.ok(existsSync(join(byCommand, '.running')));
    end();
    for (const folder of [byRun, byArtefacts, byCommand]) assert.equal(ignored(folder), '*\n');
  });

  it('is kept out of git, too, where there are only runs and artefacts', async () => {
    const folder = folderWith({
      '.runs': '',
      '.running/1': '',
      'run_a/lock': '',
      'codex_exec_b/prompt.txt': '',
    });
    makeGeneratedFolder(folder);
    assert.equal(ignored(folder), '*\n');
  });

  it('gets its .gitignore completed where that is empty', async () => {
    const folder = folderWith({ '.gitignore': '', 'run_a/lock': '' });
    makeGeneratedFolder(folder);
    assert.equal(ignored(folder), '*\n');
  });

  it('is left as it is where it holds anything else, or has a .gitignore', async () => {
    const [mine, own, linked] = [
      folderWith({ '.gitkeep': '' }),
      folderWith({ '.gitignore': '*.log\n' }),
      folderWith(),
    ];
    symlinkSync(join(mine, 'precious'), join(linked, '.gitignore'));
    for (const folder of [mine, own, linked]) makeGeneratedFolder(folder);
    assert.equal(existsSync(join(mine, '.gitignore')), false);
    assert.equal(ignored(own), '*.log\n');
    assert.equal(existsSync(join(mine, 'precious')), false);
  });
});
