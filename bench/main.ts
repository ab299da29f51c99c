/* `npm run bench [-- --only scheduler,http] [--runs 5] [--quick] [--profile]` */
import { parseArgs } from 'node:util';
import { buildSync } from 'esbuild';
import { figures } from './figures/index.js';
import { installPeers } from './peers.js';
import { profile } from './profile.js';
import { saveResults } from './results.js';
import { removeScratch } from './scratch.js';
import type { Row, Size } from './shapes.js';
import { table } from './table.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    runs: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const size: Size = values.quick ? { runs: 1, part: 0.02 } : { runs: Number(values.runs), part: 1 };
  bundleParts();
  if (values.profile) return profile(size);
  installPeers();
  const rows: Row[] = [];
  for (const [name, figure] of chosen()) {
    console.log(`\n${name}`);
    const measured = await figure(size);
    console.log(table(measured));
    rows.push(...measured);
  }
  console.log(`\n${table(rows)}`);
  if (values.quick) console.log('(quick: too little work for the ratios to mean anything)');
  else if (!values.only) await saveResults(rows, size);
}

function bundleParts(): void {
  buildSync({
    entryPoints: ['bench/parts.ts'],
    outfile: 'bench/programs/parts.js',
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    sourcemap: true,
  });
}

function chosen() {
  const names = values.only?.split(',') ?? Object.keys(figures);
  const unknown = names.filter((name) => !(name in figures));
  if (unknown.length > 0) throw new Error(`no figure ${unknown}; there are ${Object.keys(figures)}`);
  return Object.entries(figures).filter(([name]) => names.includes(name));
}

try {
  await main();
} finally {
  removeScratch();
}
