import { codeOf, systemReason } from '../errors.js';
import { MOST_TEXT_BYTES, readBounded, Unbounded } from '../files/bounded-file.js';
import { decodeUtf8, NotText } from '../util/utf8.js';

/** The text of a `promptFile` (absolute), or why there is none. */
export async function readPrompt(file: string): Promise<{ text: string } | { mistake: string }> {
  try {
    return { text: decodeUtf8(await readBounded(file, MOST_TEXT_BYTES)) };
  } catch (error) {
    return { mistake: `${file} ${reasonOf(error)}` };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Unbounded) return `${error.message}; expected a text file`;
  if (error instanceof NotText) return error.message;
  const code = codeOf(error);
  if (code === 'ENOENT') return 'does not exist; paths in a config are relative to its folder';
  if (code === 'EISDIR') return 'is a directory; expected a text file';
  return `cannot be read: ${systemReason(error)}`;
}
