/** The tokens of JSON, each matched where the last one ended. */
const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

const ESCAPE = /\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})/;

/** Where a text stops being JSON, from 0, and why. */
export interface JsonError {
  readonly position: number;
  /** The expected and the found text; for usual mistakes the right way to write it. */
  readonly message: string;
}

/**
 * Finds the first mistake in a text that JSON.parse refuses, which itself tells the place of some mistakes only.
 * Null when there is none.
 */
export function jsonError(text: string): JsonError | null {
  try {
    const scanner = new Scanner(text);
    scanner.value();
    scanner.end();
    return null;
  } catch (error) {
    if (error instanceof Mistake) return usual(text, error) ?? unexpected(text, error);
    throw error;
  }
}

function unexpected(text: string, { position, message }: Mistake): JsonError {
  const character = String.fromCodePoint(text.codePointAt(position) ?? 0);
  const found = position < text.length ? JSON.stringify(character) : 'the end';
  return { position, message: `expected ${message}, found ${found}` };
}

/** Usual mistakes in JSON written by hand, and files of another kind; null for others. */
function usual(text: string, { position, message: expected }: Mistake): JsonError | null {
  const before = text.slice(0, position).trimEnd();
  const rest = text.slice(position);
  if (/^[\]}]/.test(rest) && before.endsWith(','))
    return {
      position: before.length - 1,
      message: `a comma before the closing ${rest[0]}; remove it`,
    };
  if (/^(\/[/*]|#)/.test(rest)) return { position, message: 'JSON has no comments; leave it out' };
  if (rest.startsWith("'")) return { position, message: 'texts and field names need double quotes' };
  const [word] = /^(True|False|None|undefined)\b/.exec(rest) ?? [];
  if (word !== undefined) return { position, message: `${word} is written ${WORDS[word]}` };
  if (expected === END && /^[[{]/.test(rest)) {
    const message = 'a second value follows the first, as in JSONL; a config is one list of steps: [ …, … ]';
    return { position, message };
  }
  return expected === ENDED_STRING ? inString(text, position) : null;
}

/** @param position where it opens */
function inString(text: string, position: number): JsonError {
  const [line = ''] = text.slice(position).split(/[\r\n]/, 1);
  const start = ESCAPE.exec(line.replaceAll('\\\\', '  '))?.index ?? -1;
  if (start >= 0) return { position: position + start, message: escapeAdvice(line.slice(start)) };
  const message = 'the text has no closing quote on its line; a line break in it is written \\n, a tab \\t';
  return { position, message };
}

/** Values of other languages as JSON has them. */
const WORDS: Readonly<Record<string, string>> = {
  True: 'true',
  False: 'false',
  None: 'null',
  undefined: 'null',
};

const END = 'the end of the file';
const ENDED_STRING = 'a string that ends on its line';

class Mistake extends Error {
  readonly position: number;

  constructor(position: number, expected: string) {
    super(expected);
    this.position = position;
  }
}

class Scanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skip(SPACE);
  }

  value(): void {
    if (this.#take('{')) this.#members('}', () => this.#property());
    else if (this.#take('[')) this.#members(']', () => this.value());
    else if (this.#text[this.#position] === '"') this.#string('');
    else if (!this.#skip(SCALAR)) this.#fail('a value');
  }

  end(): void {
    if (this.#position < this.#text.length) this.#fail(END);
  }

  #members(close: '}' | ']', member: () => void): void {
    if (this.#take(close)) return;
    do member();
    while (this.#take(','));
    if (!this.#take(close)) this.#fail(`"," or "${close}"`);
  }

  #property(): void {
    this.#string('a field name in double quotes');
    if (!this.#take(':')) this.#fail('":"');
    this.value();
  }

  #string(otherwise: string): void {
    const opened = this.#text[this.#position] === '"';
    if (!this.#skip(STRING)) {
      this.#fail(opened ? ENDED_STRING : otherwise);
    }
  }

  #take(character: string): boolean {
    if (this.#text[this.#position] !== character) return false;
    this.#position++;
    this.#skip(SPACE);
    return true;
  }

  /** Past a match and the space after it. */
  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (!match) return false;
    this.#position += match[0].length;
    if (pattern !== SPACE) this.#skip(SPACE);
    return true;
  }

  #fail(expected: string): never {
    throw new Mistake(this.#position, expected);
  }
}

/** How to write a backslash that begins no escape, in a text in double quotes. */
export function escapeAdvice(rest: string): string {
  const [, braces] = /^\\(\{{2,3})/.exec(rest) ?? [];
  if (braces !== undefined) return `in double quotes a literal ${braces} is written \\\\${braces}`;
  return `${rest.slice(0, 2).trimEnd()} isn't an escape; in double quotes a backslash is written \\\\`;
}
