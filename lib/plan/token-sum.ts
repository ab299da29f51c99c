import { isLetter, type Tokenizer } from './tokenizer.js';

/** A longer text is estimated by parts of it, characters. */
const LONGEST = 2 ** 20;
const PARTS = 16;
const PART_LENGTH = 2 ** 14;
/** So far from its ends a text is cut at the latest, characters. */
const EDGE = 4096;

/**
 * A text counted once, to be joined with others: its tokens except for the edges, which may merge with the neighbouring
 * texts.
 */
export interface Counted {
  readonly head: string;
  readonly tokens: number;
  /** Null where there is no place to cut it: then the head is all of it. */
  readonly tail: string | null;
  /** It was too long to be counted, or there was no good place to cut it: then one token may be missing or too many. */
  readonly estimated: boolean;
}

export function counted(text: string, tokenizer: Tokenizer): Counted {
  const first = firstCut(text);
  if (first === null && text.length <= EDGE) return { head: text, tokens: 0, tail: null, estimated: false };
  const last = lastCut(text);
  const inner = text.slice(first ?? 0, last ?? text.length);
  const tooLong = inner.length > LONGEST;
  return {
    head: ownCopy(text.slice(0, first ?? 0)),
    tokens: tooLong ? estimate(inner, tokenizer) : tokenizer.count(inner),
    tail: ownCopy(text.slice(last ?? text.length)),
    estimated: tooLong || first === null || last === null,
  };
}

/** The tokens of the texts in a row, as many as those of the whole. */
export function tokensOf(parts: readonly Counted[], tokenizer: Tokenizer): number {
  let tokens = 0;
  let open = '';
  for (const part of parts) {
    open += part.head;
    if (part.tail === null) continue;
    tokens += tokenizer.count(open) + part.tokens;
    open = part.tail;
  }
  return tokens + tokenizer.count(open);
}

/** Null where there is none near the start. */
function firstCut(text: string): number | null {
  const edge = Math.min(EDGE, text.length);
  for (let at = 1; at < edge; at++) if (isCut(text, at)) return at;
  return null;
}

/** Null where there is none near the end. */
function lastCut(text: string): number | null {
  const edge = Math.max(0, text.length - EDGE);
  for (let at = text.length - 1; at > edge; at--) if (isCut(text, at)) return at;
  return null;
}

/** At a space between two letters every alphabet begins a new token. */
function isCut(text: string, at: number): boolean {
  return text[at] === ' ' && isLetter(text, at - 1) && isLetter(text, at + 1);
}

/** A slice would hold the whole text in memory. */
function ownCopy(slice: string): string {
  return Buffer.from(slice, 'utf16le').toString('utf16le');
}

/** From parts that are spread over the text. */
function estimate(text: string, tokenizer: Tokenizer): number {
  const step = (text.length - PART_LENGTH) / (PARTS - 1);
  const starts = Array.from({ length: PARTS }, (_, part) => Math.floor(part * step));
  const counts = starts.map((start) => tokenizer.count(text.slice(start, start + PART_LENGTH)));
  const sum = counts.reduce((sum, count) => sum + count, 0);
  return Math.round((sum / (PARTS * PART_LENGTH)) * text.length);
}
