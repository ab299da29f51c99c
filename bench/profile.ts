import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { measure } from './measure.js';
import { library, square } from './programs.js';
import { scratch } from './scratch.js';
import type { Size } from './shapes.js';

const FOLDER = fileURLToPath(new URL('profiles/', import.meta.url));

/** Leaves a CPU profile of the scheduler's run, records written to a file, and prints where its time went. */
export async function profile({ part }: Size): Promise<void> {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER);
  const program = library({ keys: square(1_000_000 * part), parallel: 100, ndjson: true });
  const flags = ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', FOLDER];
  const args = [...flags, program.file, ...(program.args ?? [])];
  await measure({ file: '--enable-source-maps', args, stdout: scratch('profile.ndjson') });
  for (const file of readdirSync(FOLDER)) {
    console.log(`bench/profiles/${file}\n${hottest(`${FOLDER}${file}`).join('\n')}`);
  }
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** The functions with the most time of their own, in per cent. */
function hottest(file: string): string[] {
  const { nodes, samples, timeDeltas }: CpuProfile = JSON.parse(readFileSync(file, 'utf8'));
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  for (const [at, id] of samples.entries()) {
    const name = names.get(id) ?? '';
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[at] ?? 0));
  }
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  const sorted = [...times].sort(([, a], [, b]) => b - a);
  return sorted
    .slice(0, 40)
    .map(([name, time]) => `${((100 * time) / total).toFixed(1).padStart(5)} %  ${name}`);
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const room = url.replace(/^.*\/(dist|node_modules|bench)\//, '');
  return `${functionName || '(anonymous)'}${room ? `  ${room}:${lineNumber + 1}` : ''}`;
}
