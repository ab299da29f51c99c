/*
 * `npm run build`: makes dist/ of lib/, with the licences of the packages that became a part of it. esbuild makes the
 * scripts, tsc the declarations. A package in the `dependencies` of package.json is installed with this one, and imported;
 * any other that lib/ imports is bundled: it has nothing but small modules, and a start of the program fewer files to open.
 */
import { execSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { removeUnused } from './declarations.js';
import { noticesOf } from './notices.js';

const manifest: { dependencies: Record<string, string> } = JSON.parse(readFileSync('package.json', 'utf8'));

rmSync('dist', { recursive: true, force: true });

// Checked with the types of esbuild 0.28.2 (2026-11).
const { metafile } = await build({
  entryPoints: ['lib/index.ts', 'lib/cli/main.ts'],
  outdir: 'dist',
  bundle: true,
  external: Object.keys(manifest.dependencies),
  format: 'esm',
  platform: 'node',
  target: 'node20',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  sourcemap: true,
  metafile: true,
  logLevel: 'warning',
});

execSync('tsc -p lib', { stdio: 'inherit' });
removeUnused('dist', 'index.d.ts');

writeFileSync('dist/THIRD-PARTY-NOTICES.txt', noticesOf(metafile));
