import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { coloursFor } from '../../../lib/cli/output.js';
import { liveScreen } from '../../../lib/cli/run/live-screen.js';
import { plainScreen, quietScreen, type Screen } from '../../../lib/cli/run/screen.js';
import { rendered } from '../../bin/rendered.js';

const LINE = 'draft: 12 -> codex: 0 -> summary: 1 | 12/340 (3 failed)';

/** What stands on a terminal of that width after the screen was used. */
function shown(
  columns: number,
  use: (screen: Screen, write: (text: string) => void) => void,
  shared = true,
): string[] {
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns, rows: 24 });
  const screen = liveScreen(stderr, shared);
  use(screen, (text) => stderr.write(text));
  // As a terminal's driver does.
  return rendered(String(stderr.read() ?? '').replaceAll('\n', '\r\n'), columns || 80);
}

describe('liveScreen', () => {
  it('shows the last state alone', () => {
    const lines = shown(80, (screen) => {
      for (const line of ['a: 0 | 0/2', 'a: 1 | 0/2', 'a: 0 | 2/2']) screen.show(line);
      screen.close();
    });
    assert.deepEqual(lines, ['a: 0 | 2/2', '']);
  });

  const widths: [number, string][] = [
    [80, LINE],
    [0, LINE],
    [57, LINE],
    [56, 'draft: 12 -> codex: 0 -> summar... | 12/340 (3 failed)'],
    [40, 'draft: 12 -> co... | 12/340 (3 failed)'],
    [30, 'draft: 12 -> codex: 0 -> ...'],
    [12, 'draft: ...'],
  ];
  for (const [columns, expected] of widths) {
    it(`keeps to one line of ${columns} columns`, () => {
      assert.deepEqual(
        shown(columns, (screen) => screen.show(LINE)),
        [expected, ''],
      );
    });
  }

  const parts: [number, string][] = [
    [97, `${LINE} | 1.2M tok $0.42 | eta 3m | a waits 9 s`],
    [80, 'draft: 12 -> co... | 12/340 (3 failed) | 1.2M tok $0.42 | eta 3m | a waits 9 s'],
    [70, 'draft: 12 -> codex: 0 ... | 12/340 (3 failed) | eta 3m | a waits 9 s'],
    [50, 'draft: 12 -... | 12/340 (3 failed) | a waits 9 s'],
    [45, 'draft: 12 -> codex: ... | 12/340 (3 failed)'],
  ];
  for (const [columns, expected] of parts) {
    it(`leaves out parts on ${columns} columns, the first ones first`, () => {
      const line = `${LINE} | 1.2M tok $0.42 | eta 3m | a waits 9 s`;
      assert.deepEqual(
        shown(columns, (screen) => screen.show(line)),
        [expected, ''],
      );
    });
  }

  it('says lines above the live one', () => {
    const lines = shown(80, (screen) => {
      screen.say('first');
      screen.show('a: 1 | 0/1');
      screen.say('second');
      screen.show('a: 0 | 1/1');
    });
    assert.deepEqual(lines, ['first', 'second', 'a: 0 | 1/1', '']);
  });

  it('steps aside while results are written to the same terminal', () => {
    const lines = shown(80, (screen, write) => {
      screen.show('a: 1 | 0/1');
      screen.withoutLine(() => write('{"flow":"…"}\n'));
    });
    assert.deepEqual(lines, ['{"flow":"…"}', 'a: 1 | 0/1', '']);
  });

  it('stays where results go elsewhere', () => {
    let written = 0;
    const lines = shown(
      80,
      (screen) => {
        screen.show('a: 1 | 0/1');
        screen.withoutLine(() => written++);
      },
      false,
    );
    assert.deepEqual([lines, written], [['a: 1 | 0/1', ''], 1]);
  });

  it('is drawn anew for a terminal that is narrower now, until it is closed', () => {
    const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
    const screen = liveScreen(stderr, true);
    screen.show(LINE);
    stderr.read();
    stderr.columns = 40;
    stderr.emit('resize');
    assert.match(String(stderr.read()), /draft: 12 -> co\.\.\. \| 12\/340 \(3 failed\)/);
    screen.close();
    stderr.read();
    stderr.emit('resize');
    assert.deepEqual([stderr.read(), stderr.listenerCount('resize')], [null, 0]);
  });
});

describe('plainScreen and quietScreen', () => {
  const rows: [string, (stderr: PassThrough) => Screen, string][] = [
    ['every change and word', plainScreen, 'state\nword\nrecord\n'],
    ['every word and no state', quietScreen, 'word\nrecord\n'],
  ];
  for (const [what, make, expected] of rows) {
    it(`write ${what}, line by line`, () => {
      const stderr = new PassThrough();
      const screen = make(stderr);
      screen.show('state');
      screen.show('state');
      screen.say('word');
      screen.withoutLine(() => stderr.write('record\n'));
      screen.close();
      assert.equal(String(stderr.read()), expected);
    });
  }
});

describe('coloursFor', () => {
  const rows: [string, boolean, Record<string, string>, boolean][] = [
    ['nothing in a pipe', false, {}, false],
    ['nothing with NO_COLOR', true, { NO_COLOR: '1' }, false],
  ];
  for (const [what, isTTY, env, coloured] of rows) {
    it(`colours ${what}`, () => {
      const stream = Object.assign(new PassThrough(), { isTTY });
      assert.equal(coloursFor(stream, env).red('x') !== 'x', coloured);
    });
  }
});
