import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { findProgram, programMistake } from '../../lib/processes/programs.js';
import { runProcess } from '../../lib/processes/run-process.js';
import { folderWith } from '../helpers/folder.js';

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

describe('programMistake', () => {
  const env = { PATH: process.env.PATH };
  const folder = folderWith({
    plain: 'echo hi\n',
    good: '#!/bin/sh\necho hi\n',
    spaced: '#! \t/bin/sh -e\necho hi\n',
    crlf: '#!/bin/sh\r\necho hi\r\n',
    'crlf-env': '#!/usr/bin/env sh\r\necho hi\r\n',
    gone: '#!/no/such/interpreter -x\n',
    'gone-env': '#!/usr/bin/env no-such-interpreter\n',
    set: '#!/usr/bin/env A=1 sh\n',
    binary: '\u0000#!/no/such\n',
  });
  for (const name of readdirSync(folder)) if (name !== 'plain') chmodSync(join(folder, name), 0o700);
  mkdirSync(join(folder, 'folder'));

  const mistakes: [name: string, why: RegExp, remedy: RegExp][] = [
    ['./missing', /^there is no such program in \//, /^install it or correct its name$/],
    ['no-such-program', /^there is no such program on PATH$/, /^install it/],
    ['./folder', /^it is a folder$/, /program in it/],
    ['./plain', /^it isn't executable$/, /chmod \+x \/.*\/plain$/],
    ['./crlf', /"\/bin\/sh\\r", which isn't there$/, /Windows line ends.*dos2unix \/.*\/crlf/],
    ['./crlf-env', /"sh\\r", which isn't there$/, /Windows line ends/],
    ['./gone', /interpreter "\/no\/such\/interpreter", which/, /^install that or correct the line$/],
    ['./gone-env', /interpreter "no-such-interpreter", which/, /^install that/],
  ];
  for (const [name, why, remedy] of mistakes) {
    it(`says of ${name} why it can't be started, and what to do`, async () => {
      const found = await programMistake(name, folder, env);
      assert.match(found?.why ?? '', why);
      assert.match(found?.remedy ?? '', remedy);
    });

    it(`is what running ${name} fails with`, async () => {
      const signal = new AbortController().signal;
      const command = { file: name, args: [], cwd: folder, env, stdin: '', signal };
      const running = runProcess(command, buffer, text);
      if (name.endsWith('-env'))
        assert.equal((await running).exitCode, 127); // env itself is started
      else await assert.rejects(running, ({ message }: Error) => why.test(message.split(': ')[1] ?? ''));
    });
  }

  for (const name of ['sh', './good', './spaced', './set', './binary']) {
    it(`finds nothing wrong with ${name}`, async () => {
      assert.equal(await programMistake(name, folder, env), null);
    });
  }
});
