import { readFile } from 'node:fs/promises';

/** The users of a file, or none where there is no such file. */
export async function loadUsers(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return [];
  }
}
