import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { codeOf, messageOf } from '../errors.js';
import { readPrivate, UnsafeFile } from '../files/private-files.js';
import { syncFolder, writeWhole } from './durable.js';
import { JournalError, writing } from './errors.js';
import type { Signer } from './signer.js';

/** An object for JSON; the store doesn't look into it. */
export type Facts = Readonly<Record<string, unknown>>;

/** The content of `run.json`. */
export interface RunFile {
  /** The facts that the run was started with. */
  readonly info: Facts;
  /** How its last session ended; null while it is under way, and when it broke off. */
  readonly end: Facts | null;
}

/** As it was read. */
export interface ReadRunFile extends RunFile {
  /** By this user, for this run. */
  readonly isSigned: boolean;
}

/*
 * The file begins with the CRC-32 (in hex) of all that follows it, as each line of the journal does: a run that goes on
 * with what it says mustn't go on with something else. Then follows the MAC of all that follows it, if there was a key.
 */
const BEGIN = /^\{\n {2}"sum": "([0-9a-f]{8})"/;
const MAC = /^,\n {2}"mac": "([\w-]+)"/;

/** Replaces `run.json` (the info's fields, and `end`) as a whole. Rejects with a WriteFailure. */
export async function writeRunFile(
  folder: string,
  { info, end }: RunFile,
  signer: Signer | null = null,
): Promise<void> {
  const file = runFileIn(folder);
  await writing(file, async () => {
    await writeWhole(file, dirname(folder), withSum({ ...info, end }, signer));
    await syncFolder(folder);
  });
}

/** Null where the run broke off before it had one. Rejects with a JournalError where it is damaged. */
export async function readRunFile(folder: string, signer: Signer | null = null): Promise<ReadRunFile | null> {
  const file = runFileIn(folder);
  try {
    const text = sound(await readPrivate(file, dirname(folder)));
    const { sum, mac, end, ...info } = JSON.parse(text);
    return { info, end, isSigned: signer !== null && isSigned(text, signer) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    if (error instanceof UnsafeFile) throw error;
    const hint = 'Its results are all there: delete this file, and name the config with --resume.';
    throw new JournalError(messageOf(error), { file, hint });
  }
}

function withSum(facts: Facts, signer: Signer | null): string {
  const content = `,${JSON.stringify(facts, null, 2).slice(1)}\n`;
  const rest = signer ? `,\n  "mac": "${signer.signFile(content)}"${content}` : content;
  return `{\n  "sum": "${sumOf(rest)}"${rest}`;
}

/** @param text of a file with a right checksum */
function isSigned(text: string, signer: Signer): boolean {
  const [begin = ''] = BEGIN.exec(text) ?? [];
  const rest = text.slice(begin.length);
  const [field = '', mac] = MAC.exec(rest) ?? [];
  return mac !== undefined && signer.isFileSigned(rest.slice(field.length), mac);
}

/** Throws when the checksum is wrong. */
function sound(bytes: Buffer): string {
  const text = bytes.toString();
  const [begin = '', sum] = BEGIN.exec(text) ?? [];
  if (sum !== sumOf(bytes.subarray(begin.length))) throw new Error('its checksum is wrong');
  return text;
}

function sumOf(bytes: Buffer | string): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}

function runFileIn(folder: string): string {
  return join(folder, 'run.json');
}
