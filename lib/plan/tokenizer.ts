import { once } from '../util/once.js';

/** Counts the tokens of one model's alphabet. */
export interface Tokenizer {
  /**
   * How many tokens a text is. Whatever stands in it is text (`<|endoftext|>`, too), and the time is in proportion to
   * its length: about 0.1 s for a megabyte of prose, 1 s for one of noise.
   */
  count(text: string): number;
}

/** Words that were taken apart, kept for the next time; more of them cost more memory than they save time. */
const KEPT_WORDS = 10_000;

/** The tokenizer of a model; of those that aren't known, and of no model, that of the latest ones. */
export async function tokenizerFor(model: string | null): Promise<Tokenizer> {
  const { modelToEncodingMap } = await import('gpt-tokenizer/mapping');
  const encodings: Readonly<Record<string, string>> = modelToEncodingMap;
  return model !== null && encodings[model] === 'cl100k_base' ? cl100k() : o200k();
}

// Simultaneous callers share one alphabet: 60 MB.
const cl100k = once(async () => tokenizer(await import('gpt-tokenizer/encoding/cl100k_base')));
const o200k = once(async () => tokenizer(await import('gpt-tokenizer/encoding/o200k_base')));

function tokenizer({ countTokens, setMergeCacheSize }: Encoding): Tokenizer {
  setMergeCacheSize(KEPT_WORDS);
  return {
    count(text) {
      let tokens = 0;
      for (const part of withoutLongStretches(text)) tokens += countTokens(part, AS_TEXT);
      return tokens;
    },
  };
}

interface Encoding {
  countTokens(text: string, options: typeof AS_TEXT): number;
  setMergeCacheSize(size: number): void;
}

const AS_TEXT = { disallowedSpecial: new Set<string>() };

/** The kinds of characters in a stretch. Marks and halves of surrogate pairs go on with the one before them. */
const Kind = { joins: 0, letters: 1, spaces: 2, digits: 3, signs: 4 } as const;

/** No word is longer. */
const LONGEST = 256;

let kinds: Uint8Array | undefined;

/**
 * The text, cut where it stays of one kind for more than 256 characters: counting tokens takes the square of the
 * length of such a stretch.
 */
function* withoutLongStretches(text: string): Generator<string, void, undefined> {
  const kindOf = kinds ?? kindsOfCharacters();
  let start = 0;
  let kind: number = Kind.joins;
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const next = kindOf[text.charCodeAt(at)] ?? Kind.joins;
    const goesOn = next === kind || next === Kind.joins;
    if (!goesOn) kind = next;
    length = goesOn ? length + 1 : 1;
    if (length > LONGEST) {
      yield text.slice(start, at);
      start = at;
      length = 1;
    }
  }
  yield text.slice(start);
}

/** True if a letter of the basic plane stands there. */
export function isLetter(text: string, at: number): boolean {
  return (kinds ?? kindsOfCharacters())[text.charCodeAt(at)] === Kind.letters;
}

/** Of every UTF-16 unit; takes 20 ms, once. */
function kindsOfCharacters(): Uint8Array {
  kinds = Uint8Array.from({ length: 2 ** 16 }, (_, unit) => kindOfCharacter(String.fromCharCode(unit)));
  return kinds;
}

function kindOfCharacter(character: string): number {
  if (/[\p{M}\p{Cs}]/u.test(character)) return Kind.joins;
  if (/\p{L}/u.test(character)) return Kind.letters;
  if (/\s/u.test(character)) return Kind.spaces;
  return /\p{N}/u.test(character) ? Kind.digits : Kind.signs;
}
