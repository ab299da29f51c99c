import { join } from 'node:path';
import { ConfigError } from '../../../errors.js';
import type { Artefacts } from '../../artefacts.js';
import type { Checked, StepEnvironment } from '../../contract.js';
import type { CodexConfig } from '../config.js';
import { findPrefix, findRoot, openRepository } from './checks.js';
import { FlowTrees, type Workplace } from './flow-trees.js';
import { refuseDanger, refuseSharing } from './refusals.js';

/**
 * The step's workdir itself, or a worktree for each flow. Throws a ConfigError where that can't work, or isn't allowed.
 * A rehearsal changes nothing, wherever it takes place.
 */
export async function workplaceFor(
  config: Checked<CodexConfig>,
  workdir: string,
  setup: StepEnvironment,
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

/** Of each run, known by its artefacts: the worktrees that its steps share, by the repository's top folder. */
const treesOf = new WeakMap<Artefacts, Map<string, FlowTrees>>();

/** A worktree for each flow, at one commit for the whole run. Throws a ConfigError where git can't give it. */
async function treesFor(
  config: Checked<CodexConfig>,
  workdir: string,
  setup: StepEnvironment,
): Promise<Workplace> {
  const { name = config.type } = config;
  const root = await findRoot(workdir, setup);
  const shared = treesOf.get(setup.artefacts) ?? new Map<string, FlowTrees>();
  treesOf.set(setup.artefacts, shared);
  refuseAmbiguity(name, root, shared, setup);
  const trees = shared.get(root) ?? new FlowTrees(await openRepository(root, setup), setup);
  shared.set(root, trees);
  const prefix = await findPrefix(workdir, trees.repository, setup);
  const user = trees.join({ name, keep: config.worktree === 'keep' });
  return {
    commit: trees.repository.commit,
    within: (stay, work) => trees.within(user, stay, (folder) => work(join(folder, prefix))),
    close: () => trees.close(),
  };
}

/** By the names of the steps it is known which patches belong to which repository. */
function refuseAmbiguity(
  name: string,
  root: string,
  shared: ReadonlyMap<string, FlowTrees>,
  { where }: StepEnvironment,
): void {
  const others = [...shared].filter(([other]) => other !== root);
  if (!others.some(([, trees]) => trees.has(name))) return;
  const message = `shares its name "${name}" with a step that has worktrees of another repository; name both`;
  throw new ConfigError([{ where: `${where}.name`, message }]);
}
