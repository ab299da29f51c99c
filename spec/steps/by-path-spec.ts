import assert from 'node:assert/strict';
import { byPath } from '../../lib/steps/by-path.js';
import { newFlow } from '../helpers/flows.js';

describe('byPath', () => {
  const file = { path: 'a.md', sha256: '' };
  const flow = newFlow({
    inputs: { doc: file, rule: file, tone: { path: null, sha256: '', value: 'kind' } },
  });

  it('names the contents of files by their paths, each once', () => {
    const names = ['{{{doc}}}', '{{{tone}}}', '{{{rule}}}', '{{{doc}}}', '{{{rule.file}}}', '{{{previous}}}'];
    assert.equal(byPath(names, flow), '{{{doc.path}}} or {{{rule.path}}}');
  });

  it('is empty where no content of a file is put in', () => {
    assert.equal(byPath(['{{{tone}}}', '{{{doc.path}}}'], flow), '');
  });
});
