import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

const PACKAGE = /^node_modules\/((?:@[^/]+\/)?[^/]+)/;
const LICENCE = /^(licen[cs]e|notice|copying)(\.|$)/i;

/** Name, version and licence of each package that a bundle holds. */
export function noticesOf({ outputs }: Metafile): string {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const names = new Set(inputs.flatMap((path) => path.match(PACKAGE)?.[1] ?? []));
  return `${[...names]
    .sort()
    .map(notice)
    .join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

function notice(name: string): string {
  const folder = join('node_modules', name);
  const { version, license }: { version: string; license: string } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const files = readdirSync(folder).filter((file) => LICENCE.test(file));
  if (files.length === 0) throw new Error(`${name} is bundled and has no licence file`);
  const licences = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return [`${name} ${version} (${license})`, ...licences].join('\n\n');
}
