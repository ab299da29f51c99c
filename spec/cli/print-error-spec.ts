import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { printError } from '../../lib/cli/print-error.js';
import { WriteError } from '../../lib/cli/writer.js';
import { ConfigError } from '../../lib/errors.js';

function told(error: unknown): [number, string] {
  const stderr = new PassThrough();
  return [printError(error, stderr, {}), String(stderr.read() ?? '')];
}

describe('explain', () => {
  const rows: [string, unknown, number, RegExp][] = [
    ['every mistake on a line of its own', mistakes('a', 'b'), 2, /^error: steps: a\nerror: steps: b\n$/],
    ['mistakes without control sequences', mistakes('\u001b[2Jno\rfile'), 2, /^error: steps: no \| file\n$/],
    ['nothing of a reader that has gone', brokenBy('EPIPE'), 141, /^$/],
    ['why stdout broke', brokenBy('EN\u0007OSPC'), 70, /^error: cannot write the results: .*EN OSPC\n$/],
    ['a fault with its stack, without control sequences', new Error('o\u001b[1mh'), 70, /Error: oh\n +at .*/],
  ];
  for (const [what, error, code, text] of rows) {
    it(`says ${what}`, () => {
      const [ended, said] = told(error);
      assert.equal(ended, code);
      assert.match(said, text);
    });
  }
});

function mistakes(...messages: string[]): ConfigError {
  return new ConfigError(messages.map((message) => ({ where: 'steps', message })));
}

function brokenBy(code: string): WriteError {
  return new WriteError(Object.assign(new Error(code), { code }));
}
