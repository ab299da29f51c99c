import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LINE_BYTES, type PidFile, parsePidFile, pidFileIn } from '../../lib/processes/pid-file.js';
import { folderWith } from '../helpers/folder.js';

describe('PidFile', () => {
  let directory: string;
  let pidFile: PidFile;

  beforeEach(() => {
    directory = folderWith();
    pidFile = pidFileIn(directory);
  });

  function file(): string {
    const [only = '', ...others] = readdirSync(join(directory, '.running'));
    assert.deepEqual(others, []);
    return join(directory, '.running', only);
  }

  function noted(): string[] {
    return parsePidFile(readFileSync(file(), 'latin1')).groups.map(({ program }) => program);
  }

  it('names what runs, and this process', () => {
    const before = Date.now();
    const end = pidFile.note(process.pid, 'one');
    const { owner, groups } = parsePidFile(readFileSync(file(), 'latin1'));
    assert.equal(owner?.pid, process.pid);
    const [group] = groups;
    assert.equal(group?.pid, process.pid);
    assert.equal(group?.started, owner?.started);
    assert.ok(group && group.at >= before && group.at <= Date.now(), `${group?.at}`);
    end();
  });

  it('is private', () => {
    const end = pidFile.note(process.pid, 'one');
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    assert.equal(statSync(join(directory, '.running')).mode & 0o777, 0o700);
    end();
  });

  it('is gone while nothing runs, and there again with the next', () => {
    assert.equal(existsSync(join(directory, '.running')), false);
    for (let n = 0; n < 2; n++) {
      const end = pidFile.note(process.pid, 'one');
      assert.deepEqual(noted(), ['one']);
      end();
      assert.equal(existsSync(join(directory, '.running')), false);
    }
  });

  it('names all that runs, too, when it is there again', () => {
    for (const programs of [
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]) {
      const ends = programs.map((program) => pidFile.note(process.pid, program));
      assert.deepEqual(noted(), programs);
      for (const end of ends) end();
    }
  });

  it('crosses out what has ended, and does not grow beyond what runs at once', () => {
    const ends = ['a', 'b', 'c'].map((program) => pidFile.note(process.pid, program));
    ends[1]?.();
    assert.deepEqual(noted(), ['a', 'c']);
    for (let n = 0; n < 100; n++) pidFile.note(process.pid, `more ${n}`)();
    const last = pidFile.note(process.pid, 'd');
    assert.deepEqual(noted(), ['a', 'd', 'c']);
    assert.equal(statSync(file()).size, 4 * LINE_BYTES);
    for (const end of [ends[0], ends[2], last]) end?.();
    assert.equal(existsSync(join(directory, '.running')), false);
  });

  it('keeps its lines in shape whatever a program is called', () => {
    const names = ['x'.repeat(5000), '"\\'.repeat(500), 'ä\n\u0000🎉'.repeat(500)];
    const ends = [...names, 'plain'].map((name) => pidFile.note(process.pid, name));
    assert.equal(noted().length, 4);
    assert.equal(noted().at(-1), 'plain');
    for (const end of ends) end();
  });

  it('fails nothing where it cannot be written', () => {
    const broken = pidFileIn(join(folderWith({ file: '' }), 'file'));
    broken.note(process.pid, 'one')();
  });

  it('is one for a folder, however it is written', () => {
    assert.equal(pidFileIn(join(directory, 'a/..')), pidFile);
  });
});
