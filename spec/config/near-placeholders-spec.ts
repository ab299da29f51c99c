import assert from 'node:assert/strict';
import { nearPlaceholders } from '../../lib/config/near-placeholders.js';

describe('nearPlaceholders', () => {
  const rows: [prompt: string, warnings: string[]][] = [
    ['{{{doc}}} {{{doc.path}}} {{{previous}}}', []],
    ['{{{ doc }}}', ['{{{ doc }}} is plain text; a placeholder is {{{doc}}}']],
    ['{{doc.path}}', ['{{doc.path}} is plain text; a placeholder is {{{doc.path}}}']],
    [
      '{{{doc}} {{ steps.draft }}',
      [
        '{{{doc}} is plain text; a placeholder is {{{doc}}}',
        '{{ steps.draft }} is plain text; a placeholder is {{{steps.draft}}}',
      ],
    ],
    ['\\{{{ doc }}} {{{{doc}}}} {doc} {{ other }}', []],
  ];
  for (const [text, expected] of rows) {
    it(`tells of ${text}: ${expected.length}`, () => {
      const step = {
        kind: 'broken',
        where: 'steps[0]',
        name: 'a',
        templates: [{ field: 'prompt', text }],
      } as const;
      const warnings = nearPlaceholders([step], [{ name: 'doc', values: false }]);
      assert.deepEqual(
        warnings,
        expected.map((message) => ({ where: 'steps[0].prompt', message })),
      );
    });
  }
});
