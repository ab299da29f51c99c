import { rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Artefacts } from '../../artefacts.js';
import { openPrivate, readPrivate, writePrivate } from '../../private-files.js';
import { redactedText } from '../../redact.js';

/** The files of one attempt. All paths are absolute but the first two, which stand as the user gave `generated`. */
export interface Files {
  readonly folder: string;
  /** The final message, as a record tells it. */
  readonly told: string;
  readonly prompt: string;
  readonly schema: string;
  readonly events: string;
  readonly stderr: string;
  /** Codex makes it at its start and may leave it empty: not to be taken for the final message. */
  readonly partial: string;
  readonly final: string;
}

/** Makes a folder for one attempt, and writes what codex is given. */
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
  return files;
}

/** A file that only its owner reads. */
export function writeNew(file: string, text: string): Promise<void> {
  return writePrivate(file, generatedOf(file), text);
}

/** The final message so far; empty where there is none. */
export function readMessage({ partial }: Files): Promise<string> {
  return readPrivate(partial, generatedOf(partial)).then(String, () => '');
}

/** Takes secrets out of the final message so far. */
export async function redactMessage(files: Files, secrets: readonly string[]): Promise<void> {
  const message = await readMessage(files);
  const clean = redactedText(message, secrets);
  if (clean === message) return;
  await writePrivate(files.partial, generatedOf(files.partial), clean, 'replace');
}

/** By renaming: whoever sees the final message sees all of it. */
export async function publish({ partial, final }: Files): Promise<void> {
  const handle = await openPrivate(partial, generatedOf(partial), 'change');
  await handle.chmod(0o600).finally(() => handle.close());
  await rename(partial, final);
}

/** The generated folder that a file of an attempt lies in. */
function generatedOf(file: string): string {
  return dirname(dirname(file));
}

/** Removes what isn't to be taken for a final message. */
export function discard({ partial }: Files): Promise<void> {
  return rm(partial, { force: true });
}
