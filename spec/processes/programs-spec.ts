import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../lib/processes/programs.js';

describe('findProgram', () => {
  const folder = mkdtempSync(join(tmpdir(), 'programs-'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'bin/folder'));
  writeFileSync(join(folder, 'bin/tool'), '', { mode: 0o700 });
  writeFileSync(join(folder, 'bin/text'), '', { mode: 0o600 });
  const tool = join(folder, 'bin/tool');

  const rows: [string, string, string | undefined, string | null][] = [
    ['a name on PATH', 'tool', `/nowhere:${join(folder, 'bin')}`, tool],
    ['a name on a relative PATH', 'tool', 'bin', tool],
    ['a path relative to the folder', './bin/tool', undefined, tool],
    ['an absolute path', tool, '', tool],
    ['nothing for a file that cannot be run', 'bin/text', 'bin', null],
    ['nothing for a folder', 'folder', 'bin', null],
    ['nothing for a path that PATH would complete', './tool', 'bin', null],
    ['nothing for an empty name', '', 'bin', null],
  ];
  for (const [what, name, PATH, expected] of rows) {
    it(`finds ${what}`, async () => {
      assert.equal(await findProgram(name, folder, PATH === undefined ? {} : { PATH }), expected);
    });
  }

  it('finds the usual programs where PATH is not set', async () => {
    assert.match((await findProgram('sh', folder, {})) ?? '', /\/bin\/sh$/);
  });

  describe('on Windows', () => {
    const npm = join(folder, 'npm');
    mkdirSync(npm);
    for (const name of ['codex', 'codex.cmd', 'codex.ps1', 'git.exe'])
      writeFileSync(join(npm, name), '', { mode: 0o700 });

    const found: [string, string, Record<string, string>, string | null][] = [
      ['the shim that npm leaves, not the script beside it', 'codex', { Path: npm }, join(npm, 'codex.cmd')],
      ['a program on a longer PATH', 'git', { Path: `/nowhere;${npm}` }, join(npm, 'git.exe')],
      ['one that is named with its ending', 'git.exe', { Path: npm }, join(npm, 'git.exe')],
      ['one by its path', join(npm, 'git'), {}, join(npm, 'git.exe')],
      ['the endings that PATHEXT names', 'codex', { Path: npm, PATHEXT: '.PS1' }, join(npm, 'codex.ps1')],
      ['nothing where there is none', 'svn', { Path: npm }, null],
    ];
    for (const [what, name, env, expected] of found) {
      it(`finds ${what}`, async () => assert.equal(await findProgram(name, folder, env, true), expected));
    }
  });
});
