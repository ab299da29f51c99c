import { basename, dirname, resolve } from 'node:path';
import { ConfigError } from '../errors.js';
import { idOf, runFolder } from './run-folder.js';
import { foreignIds, runIds } from './runs.js';

const MOST_NAMED = 5;

/**
 * The folder of the run that is meant: by `last` the one that was last started or resumed; by its id, the beginning of
 * that, or its folder. Rejects with a ConfigError that names the runs where none is meant, or several, and where it is
 * another user's.
 */
export async function findRun(generated: string, meant: string): Promise<string> {
  const ids = await runIds(generated);
  const found = meant === 'last' ? ids.slice(-1) : matching(ids, idMeant(generated, meant));
  const [id] = found;
  if (id !== undefined && found.length === 1) return runFolder(generated, id);
  if (found.length === 0) await refuseForeign(generated, meant);
  const message = ids.length === 0 ? `there is no run in ${generated} yet` : whichThen(meant, found, ids);
  throw new ConfigError([{ where: '', message }]);
}

async function refuseForeign(generated: string, meant: string): Promise<void> {
  const [id] = matching(await foreignIds(generated), idMeant(generated, meant));
  if (id === undefined) return;
  const message = `${runFolder(generated, id)} belongs to another user; copy it to a folder of your own, and name that with --generated`;
  throw new ConfigError([{ where: '', message }]);
}

/** Undefined where it is a path to somewhere else. */
function idMeant(generated: string, meant: string): string | undefined {
  const name = basename(meant);
  const elsewhere = name !== meant && resolve(dirname(meant)) !== resolve(generated);
  return elsewhere ? undefined : (idOf(name) ?? name);
}

function matching(ids: readonly string[], beginning: string | undefined): readonly string[] {
  if (beginning === undefined || beginning === '') return [];
  return ids.includes(beginning) ? [beginning] : ids.filter((id) => id.startsWith(beginning));
}

function whichThen(meant: string, found: readonly string[], ids: readonly string[]): string {
  const named = JSON.stringify(meant);
  if (found.length > 1) return `${named} begins the ids of several runs: ${latest(found)}`;
  return `no run ${named}; the latest are ${latest(ids)}`;
}

function latest(ids: readonly string[]): string {
  const more = ids.length > MOST_NAMED ? ', …' : '';
  return `${ids.toReversed().slice(0, MOST_NAMED).join(', ')}${more}`;
}
