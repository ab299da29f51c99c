import { rename } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { codeOf, StepFailure, writeError } from '../../errors.js';
import {
  openPrivate,
  readPrivate,
  removePrivate,
  UnsafeFile,
  writePrivate,
} from '../../files/private-files.js';
import { redactedText } from '../../util/redact.js';
import type { Artefacts } from '../artefacts.js';
import { LONGEST_EVENT_BYTES } from './turn/event.js';

/** The files of one attempt. All paths are absolute but the first two, which stand as the user gave `generated`. */
export interface Files {
  readonly folder: string;
  /** The path of the final message, as in a record. */
  readonly told: string;
  readonly prompt: string;
  readonly schema: string;
  readonly events: string;
  readonly stderr: string;
  /** Codex fills it at its end, and may leave it empty or cut off: not to be taken for the final message. */
  readonly partial: string;
  readonly final: string;
}

/**
 * Makes a folder for one attempt, and writes the input of codex. The file for the final message is made here, too:
 * versions before 0.169 write through a link in its place, and give it the mode of the umask.
 */
export async function makeFiles(artefacts: Artefacts, prompt: string, schema: unknown): Promise<Files> {
  const folder = await artefacts.folder('codex_exec');
  const file = (name: string) => resolve(folder, name);
  const files = {
    folder,
    told: join(folder, 'final_message.txt'),
    prompt: file('prompt.txt'),
    schema: file('schema.json'),
    events: file('events.jsonl'),
    stderr: file('stderr.log'),
    partial: file('.final_message.partial'),
    final: file('final_message.txt'),
  };
  await writeNew(files.prompt, prompt);
  if (schema !== undefined) await writeNew(files.schema, JSON.stringify(schema));
  await writeNew(files.partial, '');
  return files;
}

/** A file that only its owner reads. */
export function writeNew(file: string, text: string): Promise<void> {
  return writePrivate(file, generatedOf(file), text);
}

/** The final message so far; empty where there is none. Rejects with a StepFailure where it can't be taken. */
export async function readMessage({ partial }: Files): Promise<string> {
  try {
    // An event of codex holds it, too.
    return (await readPrivate(partial, generatedOf(partial), LONGEST_EVENT_BYTES)).toString();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    if (!(error instanceof UnsafeFile)) throw error;
    throw new StepFailure('bad_output', `the final message can't be read: ${error.message}`, {
      cause: error,
    });
  }
}

/** The final message, written by the stand-in for codex. */
export function writeMessage({ partial }: Files, text: string): Promise<void> {
  return writePrivate(partial, generatedOf(partial), text, 'replace');
}

/** Takes secrets out of the final message so far. */
export async function redactMessage(files: Files, secrets: readonly string[]): Promise<void> {
  const message = await readMessage(files);
  const clean = redactedText(message, secrets);
  if (clean === message) return;
  await writeMessage(files, clean);
}

/** By renaming: the final message is never seen in part. */
export async function publish({ partial, final }: Files): Promise<void> {
  const handle = await openPrivate(partial, generatedOf(partial), 'change');
  try {
    await handle.chmod(0o600).finally(() => handle.close());
    await rename(partial, final);
  } catch (error) {
    throw writeError(final, error);
  }
}

/** The generated folder that a file of an attempt lies in. */
function generatedOf(file: string): string {
  return dirname(dirname(file));
}

/** Removes a file that isn't a final message. */
export function discard({ partial }: Files): Promise<void> {
  return removePrivate(partial);
}
