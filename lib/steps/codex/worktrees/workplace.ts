import type { Flow } from '../../../flow/flow.js';
import type { StepContext } from '../../../step/step.js';
import type { Checked, Setup } from '../../contract.js';
import type { CodexConfig } from '../config.js';
import type { Files } from '../files.js';
import { refuseDanger, refuseSharing } from './refusals.js';
import { treesFor } from './trees.js';

/** One attempt at work for a flow. */
export interface Stay {
  readonly flow: Flow;
  readonly context: StepContext;
  readonly files: Files;
}

/** Where codex works. */
export interface Workplace {
  /** Does the work in the flow's folder (absolute). What it changes there is told, whether it succeeds or not. */
  within<T>(stay: Stay, work: (folder: string) => Promise<T>): Promise<T>;
  /** The commit that every flow begins with; null where it is the workdir as it is. */
  readonly commit: string | null;
  /** Removes what isn't to be kept, as soon as nobody works there. */
  close(): Promise<void>;
}

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
