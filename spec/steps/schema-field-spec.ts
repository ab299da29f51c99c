import assert from 'node:assert/strict';
import { zodMessages } from '../../lib/config/zod-messages.js';
import { schemaField } from '../../lib/steps/schema-field.js';

describe('the field schema', () => {
  const rows: [title: string, value: unknown, message: string][] = [
    [
      'the name of a file',
      'grade.json',
      'expected a JSON Schema (an object in the config itself), got "grade.json" (string); paste it: jq -c . grade.json prints the file on one line, which suits JSON and YAML',
    ],
    [
      'a schema in quotes',
      '{"type": "object"}',
      'expected a JSON Schema, got a text that holds one; leave out the quotes around it',
    ],
    [
      'any other text',
      'grade',
      'expected a JSON Schema (an object in the config itself), got "grade" (string)',
    ],
    ['something else', 5, 'expected an object, got 5 (number)'],
  ];
  for (const [title, value, message] of rows) {
    it(`refuses ${title}, and says what to do`, () => {
      const { error } = schemaField.safeParse(value, { error: zodMessages });
      assert.deepEqual(
        error?.issues.map((issue) => issue.message),
        [message],
      );
    });
  }

  it('takes an object', () => {
    assert.deepEqual(schemaField.parse({ type: 'object' }), { type: 'object' });
  });
});
