import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { ConfigError, messageOf } from '../errors.js';
import { readBounded } from '../files/bounded-file.js';
import { digest } from '../step/fingerprint.js';
import type { StepEnvironment } from './contract.js';

/** Larger files are compared by size and time alone: a data set isn't worth reading twice. */
const WHOLE_BYTES = 64 * 2 ** 20;

/** The field `inputs`: files that decide a step's result and that its config doesn't show otherwise. */
export const inputsField = z
  .array(z.string().min(1))
  .optional()
  .describe(
    'Files and folders that decide the result, too (a script that is imported, a dictionary), relative to the config: ' +
      'when one has changed, a resumed run runs the step again.',
  );

/** Digests of the files that `inputs` names, and of all files in its folders, by name. */
export async function inputDigests(
  inputs: readonly string[] = [],
  { folder, where }: StepEnvironment,
): Promise<object> {
  const digests: Record<string, unknown> = {};
  for (const [place, name] of inputs.entries()) {
    try {
      digests[name] = await digestAt(resolve(folder, name));
    } catch (error) {
      throw new ConfigError([
        { where: `${where}.inputs[${place}]`, message: `cannot be read: ${messageOf(error)}` },
      ]);
    }
  }
  return digests;
}

/** Digests of those words that name a file in the folder, by name. */
export async function namedFiles(words: readonly string[], folder: string): Promise<object> {
  const digests: Record<string, string> = {};
  for (const word of new Set(words)) {
    const file = resolve(folder, word);
    const stats = word === '' || word.includes('\0') ? null : await stat(file).catch(() => null);
    const found = stats?.isFile() ? await fileDigest(file).catch(() => null) : null;
    if (found !== null) digests[word] = found;
  }
  return digests;
}

export async function fileDigest(file: string): Promise<string> {
  const { size, mtimeMs } = await stat(file);
  return size > WHOLE_BYTES ? `${size} bytes of ${mtimeMs}` : digest(await readBounded(file, WHOLE_BYTES));
}

async function digestAt(path: string): Promise<unknown> {
  if (!(await stat(path)).isDirectory()) return fileDigest(path);
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const digests: Record<string, string> = {};
  for (const file of files.sort()) digests[file.slice(path.length + 1)] = await fileDigest(file);
  return digests;
}
