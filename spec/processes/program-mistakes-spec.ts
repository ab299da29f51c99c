import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { programMistake } from '../../lib/processes/program-mistakes.js';
import { runProcess } from '../../lib/processes/run-process.js';
import { folderWith } from '../helpers/folder.js';

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
