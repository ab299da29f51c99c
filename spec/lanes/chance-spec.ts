import assert from 'node:assert/strict';
import { Chance } from '../../lib/lanes/chance.js';

/** One that suspects chance; the next call that is refused has the number 1. */
function suspecting(): Chance {
  const chance = new Chance();
  assert.ok(chance.suspects(4));
  return chance;
}

describe('Chance', () => {
  it('explains nothing before slowing down was in vain several times', () => {
    const chance = new Chance();
    assert.deepEqual(
      [1, 2, 3].map((inVain) => chance.suspects(inVain)),
      [false, false, false],
    );
    assert.equal(chance.explains(1), false);
  });

  it('explains refusals here and there, but not several in a row', () => {
    const chance = suspecting();
    assert.deepEqual(
      [5, 15, 16, 17, 30, 31, 32, 33].map((number) => chance.explains(number)),
      [true, true, true, true, true, true, true, false],
    );
    assert.equal(chance.explains(50), false, 'it was a limit');
  });

  it('takes longer to suspect where it was wrong, and less where it was right', () => {
    const wrong = suspecting();
    for (const number of [1, 2, 3, 4]) wrong.explains(number);
    assert.deepEqual([wrong.suspects(6), wrong.suspects(7)], [false, true]);
    const right = suspecting();
    for (const number of [300, 301, 302, 303]) right.explains(number);
    assert.equal(right.suspects(2), true);
  });

  it('ends when many calls have passed without a refusal', () => {
    const chance = suspecting();
    for (let call = 0; call <= 200; call++) chance.answered();
    assert.equal(chance.explains(300), false);
  });
});
