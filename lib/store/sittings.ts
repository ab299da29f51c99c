import { join } from 'node:path';
import { codeOf } from '../errors.js';
import { openPrivate, readPrivate, UnsafeFile } from '../files/private-files.js';
import { writing } from './errors.js';

/*
 * `generated/.runs` has a line for each time that a run was started or resumed: its id. So the last one is known whatever
 * the clock says. Where another user began it, it is left alone: then the ids tell the order.
 */

/** Rejects with a WriteFailure. */
export async function noteSitting(generated: string, id: string): Promise<void> {
  const file = fileIn(generated);
  await writing(file, async () => {
    const handle = await openPrivate(file, generated, 'append').catch(nullIfForeign);
    await handle?.appendFile(`${id}\n`).finally(() => handle.close());
  });
}

/** Ids in the order of their last sittings, the last one at the end. */
export async function lastSittings(generated: string): Promise<readonly string[]> {
  const ids = (await textIn(generated)).split('\n').filter((id) => id !== '');
  return [...new Set(ids.reverse())].reverse();
}

async function textIn(generated: string): Promise<string> {
  try {
    return (await readPrivate(fileIn(generated), generated)).toString();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    return nullIfForeign(error) ?? '';
  }
}

function nullIfForeign(error: unknown): null {
  if (error instanceof UnsafeFile || codeOf(error) === 'EACCES') return null;
  throw error;
}

function fileIn(generated: string): string {
  return join(generated, '.runs');
}
