import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Sample, samplesOf } from './cpu-profile.js';
import { measure, type Program } from './measure.js';
import { library, square } from './programs.js';
import { scratch } from './scratch.js';
import type { Size } from './shapes.js';

const FOLDER = fileURLToPath(new URL('profiles/', import.meta.url));

/** Leaves CPU profiles of the scheduler's run, with and without records written, and prints where its time went. */
export async function profile({ part }: Size): Promise<void> {
  rmSync(FOLDER, { recursive: true, force: true });
  const keys = square(1_000_000 * part);
  await profileOf('scheduler', library({ keys, parallel: 100 }));
  await profileOf('scheduler, NDJSON to a file', library({ keys, parallel: 100, ndjson: true }));
}

async function profileOf(name: string, { file, args = [] }: Program): Promise<void> {
  const folder = `${FOLDER}${name}`;
  mkdirSync(folder, { recursive: true });
  const flags = ['--cpu-prof-interval', '500', '--cpu-prof-dir', folder];
  await measure({ file: '--cpu-prof', args: [...flags, file, ...args], stdout: scratch('profile.ndjson') });
  for (const found of readdirSync(folder)) {
    const samples = samplesOf(`${folder}/${found}`);
    console.log(`\n${name}: bench/profiles/${name}/${found}\n`);
    console.log(shares(samples, ({ room }) => room).join('\n'));
    console.log(`\nown time of functions\n${shares(samples, ({ place }) => place).join('\n')}`);
  }
}

/** Per cent of the time by some name, the largest first. */
function shares(samples: readonly Sample[], nameOf: (sample: Sample) => string): string[] {
  const times = new Map<string, number>();
  for (const sample of samples) {
    const name = nameOf(sample);
    times.set(name, (times.get(name) ?? 0) + sample.time);
  }
  const total = samples.reduce((sum, { time }) => sum + time, 0);
  const sorted = [...times].sort(([, a], [, b]) => b - a).slice(0, 30);
  return sorted.map(([name, time]) => `${((100 * time) / total).toFixed(1).padStart(5)} %  ${name}`);
}
