import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors.js';
import type { StepOutput } from '../flow.js';
import { syncFolder, writeWhole } from './durable.js';
import { JournalError } from './errors.js';

/** An output as a line of the journal has it: in place, or the name of the file that it stands in. */
export interface OutputField {
  readonly output?: StepOutput | null;
  readonly outputFile?: string;
}

/** A longer output (its JSON, in bytes) has a file of its own. */
const LONGEST_IN_PLACE = 64 * 1024;
const WRITES_AT_ONCE = 8;

/** Big outputs, as JSON, in files named by the SHA-256 of what is in them: equal ones share a file. */
export class Outputs {
  readonly #folder: string;
  readonly #waiting = new Map<string, string>();
  #waitingLength = 0;

  /** @param folder the run's */
  constructor(folder: string) {
    this.#folder = join(folder, 'outputs');
  }

  /** How much waits for `write`. */
  get waitingLength(): number {
    return this.#waitingLength;
  }

  /** The output as a field of a line; a big one waits for `write`, which has to come before that of the line. */
  field(output: StepOutput | null): string {
    const json = JSON.stringify(output);
    if (fits(json)) return `"output":${json}`;
    const name = hash('sha256', json);
    if (!this.#waiting.has(name)) this.#waitingLength += json.length;
    this.#waiting.set(name, json);
    return `"outputFile":"${name}"`;
  }

  /** Writes what waits by now; it is on the disk when this resolves. */
  async write(): Promise<void> {
    if (this.#waiting.size === 0) return;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const queue = [...this.#waiting].values();
    const writeSome = async () => {
      for (const [name, json] of queue) await this.#write(name, json);
    };
    await Promise.all(Array.from({ length: WRITES_AT_ONCE }, writeSome));
    await syncFolder(this.#folder);
  }

  async #write(name: string, json: string): Promise<void> {
    const file = join(this.#folder, name);
    if (!(await exists(file))) await writeWhole(file, json);
    this.#waiting.delete(name);
    this.#waitingLength -= json.length;
  }

  /** The output of a line; undefined where its file is gone. Throws a JournalError where that is damaged. */
  read({ output, outputFile }: OutputField): StepOutput | null | undefined {
    if (outputFile === undefined) return output;
    const json = this.#waiting.get(outputFile) ?? readOutput(join(this.#folder, outputFile), outputFile);
    return json === undefined ? undefined : JSON.parse(json);
  }
}

/** Whether the output is that of a step with `array`. */
export function isList(output: StepOutput | null | undefined): output is readonly string[] {
  return Array.isArray(output);
}

function fits(json: string): boolean {
  return json.length <= LONGEST_IN_PLACE / 3 || Buffer.byteLength(json) <= LONGEST_IN_PLACE;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function readOutput(file: string, sha256: string): string | undefined {
  try {
    const bytes = readFileSync(file);
    if (hash('sha256', bytes) === sha256) return bytes.toString();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const hint = `Delete it (rm ${file}): the step that made it runs again.`;
  throw new JournalError("it isn't what was written", { file, hint });
}
