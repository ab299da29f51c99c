import type { Checked, Setup } from '../../contract.js';
import type { CodexConfig } from '../config.js';
import type { Workplace } from './flow-trees.js';
import { refuseDanger, refuseSharing } from './refusals.js';
import { treesFor } from './trees.js';

/**
 * The step's workdir itself, or a worktree for each flow. Throws a ConfigError where that can't work, or isn't allowed.
 * A rehearsal changes nothing, wherever it takes place.
 */
export async function workplaceFor(
  config: Checked<CodexConfig>,
  workdir: string,
  setup: Setup,
): Promise<Workplace> {
  if (setup.simulation) return inPlace(workdir);
  refuseDanger(config, setup);
  if (config.worktree) return treesFor(config, workdir, setup);
  await refuseSharing(config, workdir, setup);
  return inPlace(workdir);
}

function inPlace(workdir: string): Workplace {
  return { commit: null, within: (_, work) => work(workdir), close: async () => {} };
}
