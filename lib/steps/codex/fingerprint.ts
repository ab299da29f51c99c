import { resolve, sep } from 'node:path';
import * as z from 'zod';
import { ConfigError, messageOf } from '../../errors.js';
import type { Flow } from '../../flow/flow.js';
import { stateOf } from '../../git/state.js';
import { isStandardOutput } from '../../processes/run-process.js';
import { digest, type Fingerprint } from '../../step/fingerprint.js';
import type { Checked, Render, StepEnvironment } from '../contract.js';
import { type CodexConfig, isShareable } from './config.js';
import type { Workplace } from './worktrees/flow-trees.js';

/** So many files are kept by their names. */
const MOST_NAMED = 1000;

type Digests = Readonly<Record<string, string>>;

interface Place {
  readonly workdir: string;
  readonly workplace: Workplace;
  readonly render: Render;
}

/** The inputs of an agent's answer: its instructions, its permissions, and the files that it finds. */
export async function fingerprintOf(
  config: Checked<CodexConfig>,
  place: Place,
  setup: StepEnvironment,
): Promise<Fingerprint> {
  const { model, schema, sandbox = 'read-only', config: settings } = config;
  const { words, names, inserts } = place.render;
  return {
    static: {
      type: 'codex',
      simulated: setup.simulation !== null,
      prompt: words,
      model,
      schema,
      sandbox,
      config: settings,
      worktree: config.worktree !== undefined && config.worktree !== false,
      files: await filesFound(sandbox, place, setup),
    },
    labels: [...names, 'changes of earlier steps'],
    dynamic: (flow) => [...inserts(flow), patchesIn(flow)],
    shareable: isShareable(config),
  };
}

/** A step that writes changes the files itself: of its own folder only the commit is part of the fingerprint. */
async function filesFound(
  sandbox: string,
  { workdir, workplace }: Place,
  setup: StepEnvironment,
): Promise<unknown> {
  if (workplace.commit !== null) return { head: workplace.commit };
  if (setup.simulation || !setup.keeps) return null;
  const generated = resolve(setup.artefacts.directory) + sep;
  const isOurs = (file: string, stats: { dev: number; ino: number }) =>
    file.startsWith(generated) || isStandardOutput(stats);
  const state = await stateOf(workdir, setup.env, isOurs).catch((error) => {
    const message = `git can't tell what has changed in ${workdir}: ${messageOf(error)}`;
    throw new ConfigError([{ where: setup.where, message }]);
  });
  if (!state || sandbox !== 'read-only') return { head: state?.head };
  const untracked = only(namesBefore(setup), state.untracked);
  return { head: state.head, changed: bounded(state.changed), untracked: bounded(untracked) };
}

const kept = z.object({ files: z.object({ untracked: z.record(z.string(), z.string()) }) });

/** The untracked files of the run's first session; null in that session itself. */
function namesBefore({ before }: StepEnvironment): ReadonlySet<string> | null {
  const names = before.flatMap((fixed) => {
    const { data } = kept.safeParse(fixed);
    return data ? [Object.keys(data.files.untracked)] : [];
  });
  return names.length === 0 ? null : new Set(names.flat());
}

/**
 * Leaves out files that appeared since the first session: they are output of the run, or made from it (a report, a file
 * that `tee` writes).
 */
function only(names: ReadonlySet<string> | null, files: Digests): Digests {
  if (names === null) return files;
  return Object.fromEntries(Object.entries(files).filter(([name]) => names.has(name)));
}

/** Each file by its name, so that a changed one can be named; many as one digest. */
function bounded(files: Digests): Digests | string {
  const entries = Object.entries(files);
  return entries.length > MOST_NAMED ? digest(entries.join('\n')) : files;
}

/** A later step of a chain builds on the changes of the earlier ones; each patch has a path of its own. */
function patchesIn({ steps }: Flow): string {
  return steps.map(({ patch = '' }) => patch).join(' ');
}
