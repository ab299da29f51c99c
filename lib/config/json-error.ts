/** What JSON is made of, each matched where the last one ended. */
const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

/** Where a text stops being JSON, from 0, and what should stand there. */
export interface JsonError {
  readonly position: number;
  readonly expected: string;
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
    if (error instanceof Mistake) return { position: error.position, expected: error.message };
    throw error;
  }
}

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
    if (this.#position < this.#text.length) this.#fail('the end of the file');
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
      this.#fail(opened ? 'a string that ends on its line and has only valid escapes' : otherwise);
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
