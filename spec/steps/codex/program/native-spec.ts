import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { nativeBehind } from '../../../../lib/steps/codex/program/native.js';
import { codexBins, requireCodex } from '../../../helpers/codex.js';
import { folderWith } from '../../../helpers/folder.js';

const WINDOWS = { platform: 'win32', arch: 'x64' };

/** As npm's cmd-shim writes it, the path to the script as seen from the shim. */
function shim(script: string): string {
  return [
    '@ECHO off',
    'GOTO start',
    ':find_dp0',
    'SET dp0=%~dp0',
    'EXIT /b',
    ':start',
    'SETLOCAL',
    'CALL :find_dp0',
    'IF EXIST "%dp0%\\node.exe" (',
    '  SET "_prog=%dp0%\\node.exe"',
    ') ELSE (',
    '  SET "_prog=node"',
    '  SET PATHEXT=%PATHEXT:;.JS;=;%',
    ')',
    `endLocal & goto #_undefined_# 2>NUL || title %COMSPEC% & "%_prog%"  "%dp0%\\${script}" %*`,
    '',
  ].join('\r\n');
}

const GLOBAL = shim('node_modules\\@openai\\codex\\bin\\codex.js');
const TARGET = 'vendor/x86_64-pc-windows-msvc';
const launcher = { 'node_modules/@openai/codex/bin/codex.js': '' };
const manifest = '{"name":"@openai/codex"}';
const BESIDE = 'node_modules/@openai/codex-win32-x64';
const WITHIN = 'node_modules/@openai/codex/node_modules/@openai/codex-win32-x64';

describe("the program behind npm's codex, on Windows", () => {
  it('is that of 0.169', async () => {
    const folder = folderWith({
      'codex.cmd': GLOBAL,
      ...launcher,
      [`${WITHIN}/package.json`]: manifest,
      [`${WITHIN}/${TARGET}/bin/codex.exe`]: '',
    });
    assert.deepEqual(await nativeBehind(join(folder, 'codex.cmd'), WINDOWS), {
      file: join(folder, WITHIN, TARGET, 'bin/codex.exe'),
      path: null,
      root: join(folder, 'node_modules/@openai/codex'),
    });
  });

  it('is that of 0.104, with the programs that come with it', async () => {
    const folder = folderWith({
      'codex.cmd': GLOBAL,
      ...launcher,
      [`${BESIDE}/package.json`]: manifest,
      [`${BESIDE}/${TARGET}/codex/codex.exe`]: '',
      [`${BESIDE}/${TARGET}/path/rg.exe`]: '',
    });
    assert.deepEqual(await nativeBehind(join(folder, 'codex.cmd'), WINDOWS), {
      file: join(folder, BESIDE, TARGET, 'codex/codex.exe'),
      path: join(folder, BESIDE, TARGET, 'path'),
      root: join(folder, 'node_modules/@openai/codex'),
    });
  });

  it('is that of the package itself, where the one for the machine is part of it', async () => {
    const within = `node_modules/@openai/codex/${TARGET}`;
    const folder = folderWith({ 'codex.cmd': GLOBAL, ...launcher, [`${within}/bin/codex.exe`]: '' });
    const native = await nativeBehind(join(folder, 'codex.cmd'), WINDOWS);
    assert.equal(native?.file, join(folder, within, 'bin/codex.exe'));
  });

  const places: [string, string, string][] = [
    ['of a project', 'node_modules/.bin/codex.cmd', shim('..\\@openai\\codex\\bin\\codex.js')],
    ['written in capitals', 'CODEX.CMD', GLOBAL],
    [
      'of pnpm',
      'codex.cmd',
      '@SETLOCAL\r\n@IF EXIST "%~dp0\\node.exe" (\r\n  "%~dp0\\node.exe"  "%~dp0\\node_modules\\@openai\\codex\\bin\\codex.js" %*\r\n)',
    ],
    ['for PowerShell', 'codex.ps1', '& "node$exe"  "$basedir/node_modules/@openai/codex/bin/codex.js" $args'],
  ];
  for (const [what, name, text] of places) {
    it(`is found from a shim ${what}`, async () => {
      const files = { [`${BESIDE}/package.json`]: manifest, [`${BESIDE}/${TARGET}/bin/codex.exe`]: '' };
      const folder = folderWith({ [name]: text, ...launcher, ...files });
      const native = await nativeBehind(join(folder, name), WINDOWS);
      assert.equal(native?.file, join(folder, BESIDE, TARGET, 'bin/codex.exe'));
    });
  }

  it('is that for the machine', async () => {
    const arm = 'node_modules/@openai/codex-win32-arm64';
    const file = `${arm}/vendor/aarch64-pc-windows-msvc/bin/codex.exe`;
    const folder = folderWith({
      'codex.cmd': GLOBAL,
      ...launcher,
      [`${arm}/package.json`]: manifest,
      [file]: '',
    });
    const native = await nativeBehind(join(folder, 'codex.cmd'), { platform: 'win32', arch: 'arm64' });
    assert.equal(native?.file, join(folder, file));
    assert.equal(await nativeBehind(join(folder, 'codex.cmd'), WINDOWS), null);
  });

  const none: [string, string, string, object][] = [
    ['another system', 'codex.cmd', GLOBAL, { platform: 'linux', arch: 'x64' }],
    ['a program', 'codex.exe', '', WINDOWS],
    ['a shim of something else', 'codex.cmd', shim('node_modules\\other\\main.js'), WINDOWS],
    ['a shim with nothing behind it', 'codex.cmd', GLOBAL, WINDOWS],
  ];
  for (const [what, name, text, machine] of none) {
    it(`is none for ${what}`, async () => {
      const folder = folderWith({ [name]: text });
      assert.equal(await nativeBehind(join(folder, name), { ...WINDOWS, ...machine }), null);
    });
  }
});

describe("the program behind npm's codex, elsewhere", () => {
  const LINUX = { platform: 'linux', arch: 'x64' };
  const target = 'vendor/x86_64-unknown-linux-musl';

  /** As npm links it. */
  function installed(files: Record<string, string>): string {
    const folder = folderWith({ ...launcher, ...files });
    mkdirSync(join(folder, 'node_modules/.bin'));
    symlinkSync('../@openai/codex/bin/codex.js', join(folder, 'node_modules/.bin/codex'));
    return folder;
  }

  for (const [machine, name, triple] of [
    [LINUX, 'linux-x64', 'x86_64-unknown-linux-musl'],
    [{ platform: 'darwin', arch: 'arm64' }, 'darwin-arm64', 'aarch64-apple-darwin'],
  ] as const) {
    it(`is the one for ${name}`, async () => {
      const vendor = `node_modules/@openai/codex-${name}`;
      const file = `${vendor}/vendor/${triple}/bin/codex`;
      const folder = installed({ [`${vendor}/package.json`]: manifest, [file]: '' });
      const native = await nativeBehind(join(folder, 'node_modules/.bin/codex'), machine);
      assert.equal(native?.file, join(folder, file));
    });
  }

  it('is none where the package for the machine is missing', async () => {
    const folder = installed({});
    assert.equal(await nativeBehind(join(folder, 'node_modules/.bin/codex'), LINUX), null);
  });

  it('is none for a program, or a script of the user', async () => {
    const files = {
      codex: '#!/bin/sh\nexec "$basedir/node_modules/@openai/codex/bin/codex.js"',
      'codex.cmd': GLOBAL,
    };
    const within = `node_modules/@openai/codex/${target}/bin/codex`;
    const folder = folderWith({ ...launcher, ...files, [within]: '' });
    for (const name of Object.keys(files)) assert.equal(await nativeBehind(join(folder, name), LINUX), null);
    assert.equal(await nativeBehind(join(folder, 'no-such'), LINUX), null);
  });

  for (const [name, bin] of Object.entries(codexBins)) {
    it(`is the real one of ${name}: it tells the same version`, async function () {
      requireCodex(this);
      const native = await nativeBehind(bin, { platform: platform(), arch: arch() });
      if (native === null && process.env.CODEX_BIN) this.skip(); // not npm's
      const versionOf = (file: string) => execFileSync(file, ['--version']).toString();
      assert.equal(versionOf(native?.file ?? ''), versionOf(bin));
    });
  }
});
