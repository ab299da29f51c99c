import type { Definitions } from '../../cache/cache-keys.js';
import { currentProcess } from '../../processes/run-process.js';
import { DEFAULT_GENERATED, type OpenStore } from '../../run-options.js';
import type { RunEnd } from '../../store/contract.js';
import { runFolder } from '../../store/run-folder.js';
import { createRun, openRun, type RunStore } from '../../store/run-store.js';
import { makeUserKey } from '../../store/user-key.js';
import { type Paths, RunPaths } from '../runs/run-paths.js';
import { infoOf, type SavedFacts } from '../runs/saved-run.js';
import { stateFolder } from '../state-folder.js';
import type { RunRequest } from './request.js';
import type { RunInput } from './run-input.js';

/** The store of one session; it is opened when the run starts. */
export interface SessionStore {
  /** Undefined where nothing is to be kept. */
  readonly open: OpenStore | undefined;
  /** The run's id; undefined as long as there is none. */
  readonly run: string | undefined;
  /** How to resume the run, and where its records are, a line each; empty before the run has a folder. */
  readonly next: readonly string[];
  /**
   * Writes everything saved until now: it outlives the process when this returns. Throws a WriteFailure when that
   * fails.
   */
  write(): void;
  /** Settles when all is written, and synced. */
  closed(): Promise<void>;
}

export function storeFor(
  { journal, generated, trustRun }: RunRequest,
  input: RunInput,
  notice: (line: string) => void,
): SessionStore {
  let opened: RunStore | undefined;
  let closing: Promise<void> | undefined;
  let isUnsigned = false;
  /** The run's end; undefined where it never came. */
  let how: unknown;
  const open: OpenStore = async (plan, definitions) => {
    const { kept } = input;
    const all = { ...kept?.definitions, ...definitions };
    // A run that is yet to be made will lie there, too.
    const paths = new RunPaths(kept?.folder ?? runFolder(generated, ''));
    const info = infoOf(factsOf(input, all, paths), input.config, plan);
    const { key, problem } = await makeUserKey(stateFolder());
    isUnsigned = key === null;
    if (problem !== null) notice(`this run isn't signed, so a resume needs --trust-run: ${problem}`);
    const store = kept
      ? await openRun(kept.folder, info, { key, vouched: trustRun })
      : await createRun(generated, info, { key });
    opened = store;
    for (const line of lockNotices(store)) notice(line);
    const close: RunStore['close'] = (end) => {
      how = end.how;
      closing = store.close({ ...end, inputs: keptInputs(end, paths) });
      return closing;
    };
    // With changed steps, earlier results don't tell which flows are done.
    const wasDone = isKnown(definitions, kept?.definitions ?? {}) ? store.wasDone : undefined;
    return { ...store, wasDone, close };
  };
  return {
    open: journal || input.kept ? open : undefined,
    get run() {
      return opened?.id;
    },
    get next() {
      if (!opened) return [];
      const trust = isUnsigned ? ' --trust-run' : '';
      const resume = `resume with: ${commandFor('run --resume', opened.id, generated)}${trust}`;
      // A resume begins with new flows: one that ends early hasn't reached the stored ones.
      const lacksRecords = input.kept ? how !== 'completed' : how === 'broken off';
      const records = `all records so far: ${commandFor('results', opened.id, generated)}`;
      return lacksRecords ? [resume, records] : [resume];
    },
    write() {
      opened?.write();
    },
    async closed() {
      await closing?.catch(() => {}); // the run ends with it
    },
  };
}

/** True if all steps are those of an earlier session, or no definitions are stored. */
function isKnown(definitions: Definitions, before: Definitions): boolean {
  const known = Object.keys(before);
  return known.length === 0 || Object.keys(definitions).every((digest) => known.includes(digest));
}

function factsOf(
  { settings, lists, config }: RunInput,
  definitions: Definitions,
  paths: RunPaths,
): SavedFacts {
  const cwd = paths.kept(currentProcess().cwd);
  const inConfig = Object.keys(config.keys).map((name) => [name, paths.kept(config.folder)]);
  const given = settings.keys.map(({ name }) => [name, cwd]);
  return { cwd, settings, lists, definitions, bases: Object.fromEntries([...inConfig, ...given]) };
}

function keptInputs({ inputs = {} }: RunEnd, paths: RunPaths): Paths {
  return Object.fromEntries(Object.entries(inputs).map(([path, sha256]) => [paths.kept(path), sha256]));
}

/** Notices about the state in which the run was found. */
function lockNotices({ torn, takenFrom, folder }: RunStore): string[] {
  const lines: string[] = [];
  if (takenFrom) lines.push(`took over the lock of process ${takenFrom.pid}, which no longer runs`);
  if (torn > 0)
    lines.push(`${folder}: the last line of the journal was torn; its ${torn} bytes were cut off`);
  return lines;
}

function commandFor(command: string, id: string, generated: string): string {
  const where = generated === DEFAULT_GENERATED ? '' : ` --generated ${quoted(generated)}`;
  return `orchestrator ${command} ${id}${where}`;
}

/** As a shell reads it back. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
