import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codexBins, codexPlace, type Place } from '../../spec/helpers/codex.js';
import { row } from '../rows.js';
import { startServer } from '../server.js';
import type { Row, Size } from '../shapes.js';
import { median } from '../statistics.js';
import { seconds } from '../units.js';

const AT_ONCE = 8;
const LATENCY = 5000;
const CLI = fileURLToPath(new URL('../../bin/orchestrator.js', import.meta.url));

/** Eight runs of the real codex at once, against the same eight started by xargs; nothing where codex isn't installed. */
export async function codex({ runs, part }: Size): Promise<Row[]> {
  const [bin] = Object.values(codexBins);
  if (bin === undefined || !existsSync(bin)) return [];
  using server = await startServer(LATENCY * part, 'codex-server.js');
  await using place = await codexPlace(bin, server.port);
  prepare(place);
  const lines = {
    ours: `"${process.execPath}" "${CLI}" run config.json --key n:list.txt -p ${AT_ONCE} --generated "$PLACE/generated"`,
    xargs: `xargs -P${AT_ONCE} -I{} sh -c '"$CODEX_BIN" exec --json --skip-git-repo-check --sandbox read-only - < {}' < list.txt`,
  };
  await wallOf(lines.xargs, place); // a home that is warm
  const walls: Record<keyof typeof lines, number[]> = { ours: [], xargs: [] };
  for (let run = 0; run < runs; run++) {
    walls.ours.push(await wallOf(lines.ours, place));
    walls.xargs.push(await wallOf(lines.xargs, place));
  }
  const [ours, xargs] = [median(walls.ours), median(walls.xargs)];
  return [
    row({
      figure: 'codex',
      what: `${AT_ONCE} codex at once, a server of ${LATENCY / 1000} s, whole processes`,
      ours: seconds(ours),
      other: `xargs -P${AT_ONCE} ${seconds(xargs)}`,
      value: ours / xargs,
      target: { atMost: 1.1 },
    }),
  ];
}

function prepare({ workdir }: Place): void {
  const names = Array.from({ length: AT_ONCE }, (_, n) => `${n}.txt`);
  for (const name of names) writeFileSync(join(workdir, name), `Say done to ${name}.`);
  writeFileSync(join(workdir, 'list.txt'), names.join('\n'));
  writeFileSync(join(workdir, 'config.json'), JSON.stringify([{ type: 'codex', prompt: '{{{n}}}' }]));
}

async function wallOf(line: string, { workdir, root, env }: Place): Promise<number> {
  const began = performance.now();
  const options = { cwd: workdir, env: { ...env, PLACE: root }, stdio: 'ignore' } as const;
  const [code] = await once(spawn('sh', ['-c', line], options), 'exit');
  if (code !== 0) throw new Error(`exit ${code}: ${line}`);
  return performance.now() - began;
}
