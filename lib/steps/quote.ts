import { oneLine } from '../util/text.js';

const LONGEST_QUOTE = 200;

/** The start of what others said, on one line, and without anything that looks like a key of OpenAI's. */
export function quote(text: string): string {
  const line = oneLine(text).replace(/\bsk-[\w*.-]{6,}/g, 'sk-***');
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}
