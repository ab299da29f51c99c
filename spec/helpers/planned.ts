import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Planned, planRun } from '../../lib/plan/plan-run.js';
import type { RunOptions } from '../../lib/run-options.js';
import { folderWith } from './folder.js';

/** What is planned: its lists have these lines, of files with these contents. */
export interface ToPlan extends Omit<RunOptions, 'keys'> {
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly lists?: Readonly<Record<string, readonly string[]>>;
}

/** Plans a run over files in a folder of its own. */
export function planned({ files = {}, lists = {}, ...options }: ToPlan): Promise<Planned> {
  const folder = folderWith(files);
  const keys = Object.entries(lists).map(([name, lines]) => {
    const list = join(folder, `${name}.list`);
    writeFileSync(list, `${lines.join('\n')}\n`);
    return [name, { list, base: folder }] as const;
  });
  return planRun({ allowUnusedKey: true, ...options, keys: Object.fromEntries(keys) });
}
