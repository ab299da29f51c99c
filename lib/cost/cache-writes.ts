/** What a token that is written to the cache costs, as a part of an uncached one, where the price list doesn't say. */
const WRITE_FACTOR = 1.25;

/** GPT-5.6 and every later family: OpenAI's guide to prompt caching (2026-11). */
const BILLED = /^(?:.*\/)?gpt-(?:5\.(?:[6-9]|\d\d)|[6-9]|\d\d)/;
/** OpenAI's earlier models: writing costs nothing beside the input itself. */
const FREE = /^(?:.*\/)?(?:gpt-[345]|chatgpt-4o|o\d|codex-)/;

/** The factor of a model's input rate; null where it is unknown how the model bills. */
export function writeFactor(model: string): number | null {
  if (BILLED.test(model)) return WRITE_FACTOR;
  return FREE.test(model) ? 1 : null;
}
