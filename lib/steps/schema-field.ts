import * as z from 'zod';

/** The field `schema` of types whose answers can have one. */
export const schemaField = z.record(z.string(), z.unknown(), {
  error: ({ input }) => (typeof input === 'string' ? notText(input) : undefined),
});

function notText(text: string): string {
  if (/^\s*\{/.test(text))
    return 'expected a JSON Schema, got a text that holds one; leave out the quotes around it';
  const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  const way = /\.json$/i.test(text)
    ? `; paste it: jq -c . ${text} prints the file on one line, which suits JSON and YAML`
    : '';
  return `expected a JSON Schema (an object in the config itself), got ${shown} (string)${way}`;
}
