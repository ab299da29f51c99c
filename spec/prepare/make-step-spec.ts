import assert from 'node:assert/strict';
import { tooBig } from '../../lib/prepare/make-step.js';
import { TooLong } from '../../lib/util/template.js';
import { only } from '../helpers/checked-steps.js';
import { newFlow } from '../helpers/flows.js';

const keys = [
  { name: 'doc', values: false },
  { name: 'tone', values: true },
];
const flow = newFlow({
  inputs: { doc: { path: 'a.md', sha256: '' }, tone: { path: null, sha256: '', value: 'kind' } },
});

describe('tooBig', () => {
  const error = new RangeError('Invalid string length');

  it('knows the error that V8 throws', () => {
    const half = 'x'.repeat(2 ** 28);
    assert.throws(() => `${half}${half}${half}`, error);
  });

  it('names how much it is, and the files by their keys', async () => {
    const step = await only({ type: 'ask', prompt: '{{{doc}}} {{{tone}}} {{{doc}}}' }, { keys });
    const failure = tooBig(error, step, flow, () => 150e6);
    assert.equal(failure?.kind, 'input');
    assert.equal(
      failure.message,
      'the arguments have about 150 MB, which is too big to be sent (at most 64 MiB)',
    );
    assert.equal(failure.hint, 'Split what is put in, or name the file by {{{doc.path}}}.');
  });

  it('is what went wrong where a text was too long with all that is put in, whatever the sizes say', async () => {
    const step = await only({ type: 'ask', prompt: '{{{doc}}}' }, { keys });
    const failure = tooBig(new TooLong(), step, flow, () => 68e6);
    assert.equal(
      failure?.message,
      'the arguments have about 68 MB, which is too big to be sent (at most 64 MiB)',
    );
  });

  it('is not what went wrong where little was put in, or the error is another one', async () => {
    const step = await only({ type: 'ask', prompt: '{{{doc}}}' }, { keys });
    assert.equal(
      tooBig(error, step, flow, () => 1e6),
      null,
    );
    assert.equal(
      tooBig(new RangeError('other'), step, flow, () => 150e6),
      null,
    );
  });
});
