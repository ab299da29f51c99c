import { assertOpen } from './closed-stdout.js';
import type { Output } from './output.js';
import { Writer } from './writer.js';

type Texts = Iterable<string> | AsyncIterable<string>;

/** Writes a command's results, one a line. Rejects with a WriteError when stdout can't be written any more. */
export async function writeLines(stdout: Output, lines: Texts): Promise<void> {
  await writeTexts(stdout, terminated(lines));
}

/** The same for texts that end their lines themselves. */
export async function writeTexts(stdout: Output, texts: Texts): Promise<void> {
  assertOpen(stdout);
  const writer = new Writer(stdout);
  for await (const text of texts) await writer.write(text);
  await writer.flush();
}

async function* terminated(lines: Texts): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}
