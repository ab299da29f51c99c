import { existsSync } from 'node:fs';
import * as z from 'zod';
import { ConfigError } from '../../errors.js';
import { UntrustedRun } from '../../store/errors.js';
import { readRunFile } from '../../store/run-file.js';
import { findRun } from '../../store/runs.js';
import { Signer } from '../../store/signer.js';
import { findUserKey } from '../../store/user-key.js';
import { DEFAULTS, type RunSettings, settings } from '../run/request.js';
import { stateFolder } from '../state-folder.js';
import type { KeptFacts } from './kept-facts.js';
import { RunPaths } from './run-paths.js';

const definition = z.object({
  name: z.string(),
  place: z.number(),
  fixed: z.record(z.string(), z.unknown()),
  names: z.array(z.string()),
});

const info = z.object({
  cwd: z.string(),
  settings,
  lists: z.record(z.string(), z.string()),
  definitions: z.record(z.string(), definition).default({}),
  bases: z.record(z.string(), z.string()).default({}),
});

export interface KeptRun extends Pick<KeptFacts, 'lists' | 'definitions'> {
  readonly folder: string;
  /** Null where the user has no key. */
  readonly signer: Signer | null;
  /** Undefined where nothing tells any more how it was started. */
  readonly settings?: RunSettings;
}

/** What a run is to be gone on with. */
export interface Given {
  readonly cwd: string;
  /** Undefined where none was named. */
  readonly config: string | undefined;
  /** The user vouches for what the run has kept. */
  readonly vouched: boolean;
}

/**
 * The run that is meant. Rejects with a ConfigError where there is none, or it can't be gone on with from here; with an
 * UntrustedRun where the user has neither signed it nor vouches for it.
 */
export async function keptRun(
  generated: string,
  meant: string,
  { cwd, config, vouched }: Given,
): Promise<KeptRun> {
  const folder = await findRun(generated, meant);
  const { key, problem } = await findUserKey(stateFolder());
  const signer = key && new Signer(key, folder);
  const file = await readRunFile(folder, signer);
  // What it says is neither loaded nor run before that is known. Without the file the journal tells.
  const isSigned = file ? file.isSigned : signer !== null;
  if (!isSigned && !vouched) throw new UntrustedRun(folder, problem);
  const { data } = info.safeParse(file?.info);
  if (!data) {
    if (config !== undefined) return { folder, signer, lists: {}, definitions: {} };
    throw refusal(`${folder} doesn't say any more how it was started; name its config, too`);
  }
  const started = new RunPaths(folder).read(data.cwd);
  // Where that folder is gone, the project has moved to here.
  if (started === cwd || !existsSync(started)) return { ...data, folder, signer };
  if (config !== undefined) return { ...data, folder, signer, settings: withoutPaths(data.settings) };
  const message = `the run was started in ${started}, and its paths are relative to that folder; resume it there, or name its config and its keys with --resume to resume it here`;
  throw refusal(message);
}

/** Those that the command line gives anew are relative to another folder. */
function withoutPaths(settings: RunSettings): RunSettings {
  return { ...settings, keys: [], workdir: DEFAULTS.workdir };
}

function refusal(message: string): ConfigError {
  return new ConfigError([{ where: '--resume', message }]);
}
