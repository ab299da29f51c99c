import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string | undefined;

/** A path for a file that only this run of the bench needs. */
export function scratch(name: string): string {
  folder ??= mkdtempSync(join(tmpdir(), 'bench-'));
  return join(folder, name);
}

export function removeScratch(): void {
  if (folder) rmSync(folder, { recursive: true });
}

/** A list of so many files, each with a content of its own; made once. */
export function list(name: string, count: number, content = (n: number) => `${name} ${n}`): string {
  const file = scratch(`${name}-${count}.txt`);
  const contents = scratch(`${name}-${count}`);
  mkdirSync(contents, { recursive: true });
  const paths = Array.from({ length: count }, (_, n) => join(contents, `${n}.txt`));
  for (const [n, path] of paths.entries()) writeFileSync(path, content(n));
  writeFileSync(file, `${paths.join('\n')}\n`);
  return file;
}
