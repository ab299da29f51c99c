import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors.js';
import { writing } from './errors.js';

/*
 * `generated/.runs` has a line for each time that a run was started or resumed: its id. So the last one is known whatever
 * the clock says.
 */

/** Rejects with a WriteFailure. */
export async function noteSitting(generated: string, id: string): Promise<void> {
  const file = fileIn(generated);
  await writing(file, () => appendFile(file, `${id}\n`, { mode: 0o600 }));
}

/** Ids in the order of their last sittings, the last one at the end. */
export async function lastSittings(generated: string): Promise<readonly string[]> {
  const ids = (await textOf(fileIn(generated))).split('\n').filter((id) => id !== '');
  return [...new Set(ids.reverse())].reverse();
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}

function fileIn(generated: string): string {
  return join(generated, '.runs');
}
