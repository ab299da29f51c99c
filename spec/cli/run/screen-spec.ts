import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { coloursFor } from '../../../lib/cli/output.js';
import { liveScreen } from '../../../lib/cli/run/live-screen.js';
import { plainScreen, quietScreen, type Screen } from '../../../lib/cli/run/screen.js';
import type { ProgressParts } from '../../../lib/progress/progress.js';
import { rendered } from '../../bin/rendered.js';

const STATE: ProgressParts = {
  steps: [
    { name: 'draft', flows: 12 },
    { name: 'codex', flows: 0 },
    { name: 'summary', flows: 1 },
  ],
  finished: '12/340',
  remarks: ['(3 failed)'],
  spent: '',
  eta: '',
  waits: [],
};
const LINE = 'draft: 12 -> codex: 0 -> summary: 1 | 12/340 (3 failed)';

/** A step, so many flows at it, so many ended of two. */
function state(name: string, flows: number, ended: number): ProgressParts {
  return { ...STATE, steps: [{ name, flows }], finished: `${ended}/2`, remarks: [] };
}

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
      for (const next of [state('a', 0, 0), state('a', 1, 0), state('a', 0, 2)]) screen.show(next);
      screen.close();
    });
    assert.deepEqual(lines, ['a: 0 | 2/2', '']);
  });

  for (const columns of [80, 0]) {
    it(`keeps to one line of ${columns || 'unknown'} columns`, () => {
      assert.deepEqual(
        shown(columns, (screen) => screen.show(STATE)),
        [LINE, ''],
      );
    });
  }

  it('leaves the last column free', () => {
    const draw = (columns: number) => shown(columns, (screen) => screen.show(STATE))[0];
    assert.equal(draw(LINE.length + 1), LINE);
    assert.equal(draw(LINE.length), 'draft: 12 … summary: 1 | 12/340 (3 failed)');
  });

  it('shows nothing of a name or a wait that could do something to a terminal', () => {
    const [line = ''] = shown(80, (screen) =>
      screen.show({ ...state('a\u001b[2J\nb', 1, 0), waits: ['m\u0007 waits'] }),
    );
    assert.equal(line, 'a | b: 1 | 0/2 | m  waits');
  });

  it('says lines above the live one', () => {
    const lines = shown(80, (screen) => {
      screen.say('first');
      screen.show(state('a', 1, 0));
      screen.say('second');
      screen.show(state('a', 0, 1));
    });
    assert.deepEqual(lines, ['first', 'second', 'a: 0 | 1/2', '']);
  });

  it('steps aside while results are written to the same terminal', () => {
    const lines = shown(80, (screen, write) => {
      screen.show(state('a', 1, 0));
      screen.withoutLine(() => write('{"flow":"…"}\n'));
    });
    assert.deepEqual(lines, ['{"flow":"…"}', 'a: 1 | 0/2', '']);
  });

  it('stays where results go elsewhere', () => {
    let written = 0;
    const lines = shown(
      80,
      (screen) => {
        screen.show(state('a', 1, 0));
        screen.withoutLine(() => written++);
      },
      false,
    );
    assert.deepEqual([lines, written], [['a: 1 | 0/2', ''], 1]);
  });

  it('is drawn anew for a terminal that is narrower now, until it is closed', () => {
    const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
    const screen = liveScreen(stderr, true);
    screen.show(STATE);
    stderr.read();
    stderr.columns = 45;
    stderr.emit('resize');
    assert.match(String(stderr.read()), /draft: 12 … summary: 1 \| 12\/340 \(3 failed\)/);
    screen.close();
    stderr.read();
    stderr.emit('resize');
    assert.deepEqual([stderr.read(), stderr.listenerCount('resize')], [null, 0]);
  });
});

describe('plainScreen and quietScreen', () => {
  const rows: [string, (stderr: PassThrough) => Screen, string][] = [
    ['every change and word', plainScreen, 'a: 1 | 0/2\nword\nrecord\n'],
    ['every word and no state', quietScreen, 'word\nrecord\n'],
  ];
  for (const [what, make, expected] of rows) {
    it(`write ${what}, line by line`, () => {
      const stderr = new PassThrough();
      const screen = make(stderr);
      screen.show(state('a', 1, 0));
      screen.show(state('a', 1, 0));
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
