import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes the folder of all that runs leave, where there is none: private, and out of git. */
export async function makeGenerated(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made !== undefined) await writeFile(join(folder, '.gitignore'), '*\n', { mode: 0o600 });
}
