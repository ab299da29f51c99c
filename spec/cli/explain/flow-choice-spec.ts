import assert from 'node:assert/strict';
import { BestFits, type Choosable, FlowChoice } from '../../../lib/cli/explain/flow-choice.js';

function flow(id: string, doc: string, lang = 'en'): Choosable {
  const value = { path: null, sha256: 'l', value: lang };
  return { id, inputs: { doc: { path: doc, sha256: 'd' }, lang: value } };
}

const flows = [
  flow('ab12', './a.md'),
  flow('ab34', 'docs/a.md'),
  flow('ab', 'docs/deep/a.md', 'fr'),
  flow('cd', 'data.md', 'fr'),
];

/** The ids of those that fit best. */
function chosen(...words: string[]): string[] {
  const fits = new BestFits<Choosable>(new FlowChoice(words), ({ id }) => id);
  for (const each of flows) fits.add(each);
  return fits.flows.map(({ id }) => id);
}

describe('FlowChoice', () => {
  const rows: [words: string[], ids: string[]][] = [
    [['cd'], ['cd']],
    [['ab'], ['ab']],
    [['ab1'], ['ab12']],
    [['e'], []],
    [['doc=a.md'], ['ab12']],
    [['doc=docs/a.md'], ['ab34']],
    [['doc=deep/a.md'], ['ab']],
    [['doc=/home/docs/a.md'], ['ab12', 'ab34']],
    [['doc=.md'], []],
    [['lang=fr'], ['ab', 'cd']],
    [['lang=f'], []],
    [['lang=fr', 'doc=a.md'], ['ab']],
    [['doc=data.md', 'lang=en'], []],
  ];
  for (const [words, ids] of rows) {
    it(`finds ${ids.join(' and ') || 'nothing'} by ${words.join(' ')}`, () =>
      assert.deepEqual(chosen(...words), ids));
  }

  it('refuses what is neither an id nor pairs, and keys that there are not', () => {
    assert.throws(() => new FlowChoice(['ab', 'cd']), /expected one flow, by its id or by KEY=VALUE pairs/);
    assert.throws(
      () => new FlowChoice(['dok=a']).check(['doc', 'lang']),
      /no key "dok"; did you mean "doc"\?/,
    );
    new FlowChoice(['doc=a']).check(['doc', 'lang']);
  });
});
