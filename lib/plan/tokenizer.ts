import { once } from '../util/once.js';
import { withoutLongStretches } from './stretches.js';

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

// Several who ask share one alphabet: 60 MB.
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
