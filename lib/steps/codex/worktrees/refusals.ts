import { realpath } from 'node:fs/promises';
import { relative } from 'node:path';
import { ConfigError } from '../../../errors.js';
import { isOutside } from '../../../git/repository.js';
import type { Artefacts } from '../../artefacts.js';
import type { Checked, StepEnvironment } from '../../contract.js';
import type { CodexConfig } from '../config.js';

/** A step that writes in a folder which others may write in, too. */
interface Writer {
  readonly where: string;
  /** Absolute, without links. */
  readonly folder: string;
}

/** Of each run, known by its artefacts: the steps so far that write in their workdir itself. */
const writersOf = new WeakMap<Artefacts, Writer[]>();

/** Without a sandbox only where the step and the command line say so. */
export function refuseDanger({ sandbox }: Checked<CodexConfig>, { where, allow }: StepEnvironment): void {
  if (sandbox !== 'danger-full-access' || allow.danger) return;
  const message =
    '"danger-full-access" lets the model do anything that you can do; if that is meant, add --allow-danger to the ' +
    'command line';
  throw new ConfigError([{ where: `${where}.sandbox`, message }]);
}

/** Agents that change the files under each other's hands: several flows at once in this step, or in this and another. */
export async function refuseSharing(
  config: Checked<CodexConfig>,
  workdir: string,
  setup: StepEnvironment,
): Promise<void> {
  const { where, allow, parallel, artefacts } = setup;
  if (!isWriting(config) || allow.sharedWorkdir || !mayMeet(setup)) return;
  const folder = await realpath(workdir);
  const writers = writersOf.get(artefacts) ?? [];
  writersOf.set(artefacts, [...writers, { where, folder }]);
  if (Math.min(parallel, config.parallel ?? parallel) > 1) throw refusal(where, inStep(config, workdir));
  const other = writers.find((writer) => overlap(writer.folder, folder));
  if (other) throw refusal(where, besides(other, workdir));
}

function isWriting({ sandbox = 'read-only' }: Checked<CodexConfig>): boolean {
  return sandbox !== 'read-only';
}

function mayMeet({ parallel, flows, branches }: StepEnvironment): boolean {
  return parallel > 1 && (flows === null || flows > 1 || branches);
}

function overlap(a: string, b: string): boolean {
  return !isOutside(relative(a, b)) || !isOutside(relative(b, a));
}

function inStep({ sandbox }: Checked<CodexConfig>, workdir: string): string {
  return (
    `several flows at once would write (${sandbox}) in the one folder ${workdir}; give each its own with ` +
    '`worktree: true`, take turns with `parallel: 1` on this step'
  );
}

function besides(other: Writer, workdir: string): string {
  return (
    `while one flow writes here in ${workdir}, another may write there in ${other.where}; give each flow its own ` +
    'folder with `worktree: true` on both steps, have one flow at a time with --parallel 1'
  );
}

function refusal(where: string, ways: string): ConfigError {
  return new ConfigError([{ where, message: `${ways}, or accept it with --allow-shared-workdir` }]);
}
