import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Removes the declarations in a folder that those of its entry point don't import, themselves or through others. */
export function removeUnused(folder: string, entry: string): void {
  const used = new Set([join(folder, entry)]);
  for (const file of used) for (const imported of importedBy(file)) used.add(imported);
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, path);
    if (file.endsWith('.d.ts') && !used.has(file)) rmSync(file);
  }
}

function importedBy(file: string): string[] {
  const imports = readFileSync(file, 'utf8').matchAll(/\b(?:from|import) ?\(?['"](\.[^'"]+)\.js['"]/g);
  return Array.from(imports, ([, path = '']) => `${join(dirname(file), path)}.d.ts`);
}
