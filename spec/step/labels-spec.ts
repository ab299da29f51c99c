import assert from 'node:assert/strict';
import { labelled, stepLabels } from '../../lib/step/labels.js';

describe('stepLabels', () => {
  it('number the names that stand more than once, and no others', () => {
    assert.deepEqual(stepLabels(['openai', 'check', 'openai', 'cmd', 'openai']), [
      'openai#1',
      'check',
      'openai#2',
      'cmd',
      'openai#3',
    ]);
  });

  it('take the place of the names of things that have one', () => {
    assert.deepEqual(
      labelled([
        { name: 'a', calls: 1 },
        { name: 'a', calls: 2 },
      ]),
      [
        { name: 'a#1', calls: 1 },
        { name: 'a#2', calls: 2 },
      ],
    );
  });
});
