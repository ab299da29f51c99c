import { writeFile } from 'node:fs/promises';
import { arch, availableParallelism, platform } from 'node:os';
import type { Row, Size } from './shapes.js';

const FILE = new URL('results.json', import.meta.url);

/** Keeps what was measured, where and when; nothing that names the machine. */
export async function saveResults(rows: readonly Row[], { runs }: Size): Promise<void> {
  const results = {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    machine: `${availableParallelism()} cores, ${platform()} ${arch()}`,
    runs,
    rows,
  };
  await writeFile(FILE, `${JSON.stringify(results, null, 2)}\n`);
}
