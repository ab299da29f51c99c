import type { Output } from './output.js';
import { createWriter } from './writer.js';

/** Writes a command's results, one a line. Rejects with a WriteError when stdout can't be written any more. */
export async function writeLines(
  stdout: Output,
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  const writer = createWriter(stdout, (write) => write());
  for await (const line of lines) await writer.write(`${line}\n`);
  await writer.flush();
}
