import assert from 'node:assert/strict';
import { nearPlaceholders } from '../../lib/config/near-placeholders.js';
import { check, keysOf } from '../helpers/checked-steps.js';

describe('nearPlaceholders', () => {
  const rows: [text: string, found: [written: string, meant: string][]][] = [
    ['{{{doc}}} {{{doc.path}}} {{{previous}}}', []],
    ['{{{ doc }}}', [['{{{ doc }}}', 'doc']]],
    ['{{doc.path}}', [['{{doc.path}}', 'doc.path']]],
    [
      '{{{doc}} {{ steps.draft }} {{other}}',
      [
        ['{{{doc}}', 'doc'],
        ['{{ steps.draft }}', 'steps.draft'],
        ['{{other}}', 'other'],
      ],
    ],
    ['\\{{{ doc }}} \\{{doc}} {{{{doc}}}} {doc}', []],
  ];
  for (const [text, expected] of rows) {
    it(`finds in ${text}: ${expected.length}`, () => {
      assert.deepEqual(
        nearPlaceholders(text).map(({ written, meant }) => [written, meant.name]),
        expected,
      );
    });
  }
});

describe('checkSteps, what is nearly a placeholder', () => {
  const prompt = (text: string, name?: string) => ({ type: 'ask', prompt: text, ...(name && { name }) });
  const told = (written: string, meant: string) =>
    `${written} is plain text; the placeholder is ${meant}, and the text itself is written \\${written} (in double quotes \\\\${written})`;

  const refused: [title: string, text: string, written: string, meant: string][] = [
    ['of a key', 'a {{doc}}', '{{doc}}', '{{{doc}}}'],
    ['of a part that a key does not have', '{{doc.size}}', '{{doc.size}}', '{{{doc.size}}}'],
    ['with spaces', '{{{ doc.path }}}', '{{{ doc.path }}}', '{{{doc.path}}}'],
    ['of the previous output', '{{previous}}', '{{previous}}', '{{{previous}}}'],
    ['of an earlier step', '{{ steps.draft }}', '{{ steps.draft }}', '{{{steps.draft}}}'],
  ];
  for (const [title, text, written, meant] of refused) {
    it(`is refused where it would stand for something: ${title}`, async () => {
      const steps = [prompt('x {{{doc}}}', 'draft'), prompt(text)];
      const { issues, warnings } = await check(steps, { keys: keysOf('doc') });
      assert.deepEqual(issues, [`steps[1].prompt: ${told(written, meant)}`]);
      assert.deepEqual(warnings, []);
    });
  }

  it('is warned of where it would stand for nothing, and left alone where nothing has that name', async () => {
    const { issues, warnings } = await check([prompt('{{previous}} {{steps.x}} {{other}} {{{doc}}}')], {
      keys: keysOf('doc'),
    });
    assert.deepEqual(issues, []);
    assert.deepEqual(
      warnings.map(({ message }) => message),
      [told('{{previous}}', '{{{previous}}}'), told('{{steps.x}}', '{{{steps.x}}}')],
    );
  });

  it('may stand behind a backslash', async () => {
    const { issues, warnings } = await check([prompt('\\{{doc}} \\{{{ doc }}} {{{doc}}}')], {
      keys: keysOf('doc'),
    });
    assert.deepEqual([...issues, ...warnings], []);
  });

  it('counts as use of its key', async () => {
    assert.deepEqual((await check([prompt('{{doc}}')], { keys: keysOf('doc') })).unused, []);
  });
});
