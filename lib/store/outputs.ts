import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf } from '../errors.js';
import { makePrivateFolder, readPrivateSync, writePrivateSync } from '../files/private-files.js';
import type { StepOutput } from '../flow/flow.js';
import { partOf, syncFolder, syncWhole } from './durable.js';
import { JournalError } from './errors.js';

/** An output as a line of the journal has it: in place, or the name of the file that it stands in. */
export interface OutputField {
  readonly output?: StepOutput | null;
  readonly outputFile?: string;
}

/** A longer output (its JSON, in bytes) has a file of its own. */
const LONGEST_IN_PLACE = 64 * 1024;
/** As JSON; a text of 64 MiB may take six times that, and `maxAnswer` allows longer ones. */
const MOST_BYTES = 2 ** 30;
const SYNCS_AT_ONCE = 8;
const IS_NAME = /^[0-9a-f]{64}$/;

/**
 * Big outputs, as JSON, in files named by the SHA-256 of their content: equal ones share a file. A file is written at
 * once, so that it outlives the process; it is `<name>.part` until it is synced, so that it outlives the machine.
 */
export class Outputs {
  readonly #folder: string;
  readonly #generated: string;
  /** Their lengths, by name. */
  readonly #unsynced = new Map<string, number>();
  #unsyncedLength = 0;

  /** @param folder the run's */
  constructor(folder: string) {
    this.#folder = join(folder, 'outputs');
    this.#generated = dirname(folder);
  }

  /** How much waits for `sync`. */
  get unsyncedLength(): number {
    return this.#unsyncedLength;
  }

  /** The output as a field of a line; a big one is written when this returns. */
  field(output: StepOutput | null): string {
    const json = JSON.stringify(output);
    if (fits(json)) return `"output":${json}`;
    const name = hash('sha256', json);
    if (!this.#unsynced.has(name) && !existsSync(this.#fileOf(name))) this.#write(name, json);
    return `"outputFile":"${name}"`;
  }

  #write(name: string, json: string): void {
    makePrivateFolder(this.#folder, this.#generated);
    const part = partOf(this.#fileOf(name));
    // A process, or the machine, may have crashed while it wrote another one.
    writePrivateSync(part, this.#generated, json, 'replace');
    this.#unsynced.set(name, json.length);
    this.#unsyncedLength += json.length;
  }

  /** Resolves when everything written by now is on the disk. */
  async sync(): Promise<void> {
    if (this.#unsynced.size === 0) return;
    const queue = [...this.#unsynced].values();
    const syncSome = async () => {
      for (const [name, length] of queue) await this.#sync(name, length);
    };
    await Promise.all(Array.from({ length: SYNCS_AT_ONCE }, syncSome));
    await syncFolder(this.#folder);
  }

  async #sync(name: string, length: number): Promise<void> {
    await syncWhole(this.#fileOf(name), this.#generated);
    this.#unsynced.delete(name);
    this.#unsyncedLength -= length;
  }

  /** The output of a line; undefined where its file is missing. Throws a JournalError where that is damaged. */
  read({ output, outputFile }: OutputField): StepOutput | null | undefined {
    if (outputFile === undefined) return output;
    const json = IS_NAME.test(outputFile) ? this.#read(outputFile) : undefined;
    return json === undefined ? undefined : JSON.parse(json);
  }

  #read(name: string): string | undefined {
    const file = this.#fileOf(name);
    const bytes = this.#bytesIn(file);
    if (bytes && hash('sha256', bytes) === name) return bytes.toString();
    if (bytes) {
      const hint = `Delete it (rm ${file}): the step that made it runs again.`;
      throw new JournalError('its checksum is wrong', { file, hint });
    }
    // An unsynced file may be torn: then it counts as missing. It may have got its name just now.
    const unsynced = this.#bytesIn(partOf(file)) ?? this.#bytesIn(file);
    return unsynced && hash('sha256', unsynced) === name ? unsynced.toString() : undefined;
  }

  /** Undefined where there is no such file. */
  #bytesIn(file: string): Buffer | undefined {
    try {
      return readPrivateSync(file, this.#generated, MOST_BYTES);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  #fileOf(name: string): string {
    return join(this.#folder, name);
  }
}

/** True if the output is that of a step with `array`. */
export function isList(output: StepOutput | null | undefined): output is readonly string[] {
  return Array.isArray(output);
}

function fits(json: string): boolean {
  return json.length <= LONGEST_IN_PLACE / 3 || Buffer.byteLength(json) <= LONGEST_IN_PLACE;
}
