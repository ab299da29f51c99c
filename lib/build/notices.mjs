import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * Writes dist/THIRD-PARTY-NOTICES.txt: name, version and licence of each package that the bundle holds. esbuild names the
 * file that each part of a bundle comes from in a comment before it.
 */

const PACKAGE = /^\/\/ (?:\.\.\/)*node_modules\/((?:@[^/\n]+\/)?[^/\n]+)/gm;
const LICENCE = /^(licen[cs]e|notice|copying)(\.|$)/i;

const scripts = readdirSync('dist', { recursive: true, encoding: 'utf8' }).filter((path) =>
  /\.c?js$/.test(path),
);
const texts = scripts.map((path) => readFileSync(join('dist', path), 'utf8'));
const names = new Set(texts.flatMap((text) => [...text.matchAll(PACKAGE)].map(([, name]) => name)));

const notices = [...names].sort().map((name) => {
  const folder = join('node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => LICENCE.test(file));
  if (files.length === 0) throw new Error(`${name} is bundled and has no licence file`);
  const licences = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return [`${name} ${version} (${license})`, ...licences].join('\n\n');
});
writeFileSync('dist/THIRD-PARTY-NOTICES.txt', `${notices.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
