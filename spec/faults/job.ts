import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { folderWith } from '../helpers/folder.js';
import { type Ended, type Program, startLine } from '../helpers/program.js';
import { type Call, now } from './call.js';
import type { CountingServer } from './counting-server.js';

/** What one start of the program did. */
export interface Sitting {
  /** What its calls are counted under. */
  readonly caller: string;
  readonly ended: Ended;
  /** When somebody began to end it, or it had ended (`now`). */
  readonly endedAt: number;
  /** The steps that were in the journal afterwards: `draft doc 17`. */
  readonly finished: ReadonlySet<string>;
}

export interface JobOptions {
  readonly flows: number;
  /** How many flows are in flight. Default: PARALLEL. */
  readonly parallel?: number;
  /** Makes each content longer, and with it all outputs. */
  readonly filler?: string;
  /** Where the run's folder goes. */
  readonly generated?: string;
}

export interface SittingOptions {
  /** What happens to the program meanwhile; it returns when that began. */
  readonly meddle?: (program: Program, caller: string) => Promise<number>;
  /** Words for the shell before it is started: `ulimit -n 128;` */
  readonly under?: string;
}

export const PARALLEL = 20;

const CONFIG = [
  { type: 'openai', name: 'draft', model: 'draft', prompt: 'Draft {{{doc}}}' },
  { type: 'module', name: 'work', module: './work.mjs' },
  { type: 'openai', name: 'final', model: 'final', prompt: 'Finish.' },
];

/** Tells its calls in a file, as the server tells those of the models. */
const WORK = `
  import { appendFileSync } from 'node:fs';
  import { step } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../dist/index.js')))};
  export default step('work', async ({ output }) => {
    const doneAt = performance.timeOrigin + performance.now();
    const call = { caller: process.env.OPENAI_API_KEY, model: 'work', input: output, doneAt };
    appendFileSync('work.log', JSON.stringify(call) + '\\n');
    return \`work(\${output})\`;
  });`;

let jobs = 0;

/** A run of three steps that tell their calls, in as many sittings as it takes. */
export class Job {
  readonly cwd: string;
  readonly sittings: Sitting[] = [];
  readonly #server: CountingServer;
  readonly #options: JobOptions;
  readonly #docs: readonly string[];
  readonly #name = `job-${jobs++}`;

  constructor(server: CountingServer, options: JobOptions) {
    this.#server = server;
    this.#options = options;
    this.#docs = Array.from({ length: options.flows }, (_, n) => `doc ${n}.${options.filler ?? ''}`);
    this.cwd = folderWith({
      'config.json': JSON.stringify(CONFIG),
      'work.mjs': WORK,
      'list.txt': this.#docs.map((_, n) => `docs/${n}.txt\n`).join(''),
      ...Object.fromEntries(this.#docs.map((doc, n) => [`docs/${n}.txt`, doc])),
    });
  }

  /** The right output of each flow, in order. */
  get outputs(): readonly string[] {
    return this.#docs.map((doc) => `final(Finish.\nwork(draft(Draft ${doc})))`);
  }

  /** Starts the run, or goes on with it. */
  async sit({ meddle = untilItEnds, under = '' }: SittingOptions = {}): Promise<Sitting> {
    const caller = `${this.#name}-sitting-${this.sittings.length}`;
    const line = `${under} exec $orchestrator ${this.#words()}`;
    const program = startLine(line, { cwd: this.cwd, env: this.#server.env(caller) });
    const endedAt = await meddle(program, caller);
    const sitting = { caller, ended: await program.ended, endedAt, finished: this.#finished() };
    this.sittings.push(sitting);
    return sitting;
  }

  /** The calls of all sittings, those to the module included. */
  async calls(): Promise<readonly Call[]> {
    const log = join(this.cwd, 'work.log');
    const worked = linesOf(log).map((line): Call => JSON.parse(line));
    const ours = (await this.#server.calls()).filter(({ caller }) => caller.startsWith(`${this.#name}-`));
    return [...ours, ...worked];
  }

  #words(): string {
    const { parallel = PARALLEL, generated = 'generated' } = this.#options;
    const what = this.sittings.length > 0 ? '--resume last' : `config.json --key doc:list.txt -p ${parallel}`;
    return `run ${what} --generated ${generated}`;
  }

  /** As anybody would read it: whole lines of JSON, of which those with a key are steps. */
  #finished(): ReadonlySet<string> {
    const generated = resolve(this.cwd, this.#options.generated ?? 'generated');
    const [run = ''] = readdirSync(generated).filter((name) => name.startsWith('run_'));
    const lines = linesOf(join(generated, run, 'journal.ndjson')).map((line) => JSON.parse(line));
    const outputOf = ({ output, outputFile }: { output?: string; outputFile?: string }) =>
      output ?? readFileSync(join(generated, run, 'outputs', outputFile ?? ''), 'utf8');
    return new Set(
      lines.filter((line) => 'key' in line).map((line) => nameOf(line.record.name, outputOf(line))),
    );
  }
}

/** What is called: the step, and for which of the contents (`draft doc 17`). */
export function nameOf(step: string, text: string): string {
  return `${step} ${/doc \w+/.exec(text)?.[0]}`;
}

/** Whole ones only. */
function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

async function untilItEnds(program: Program): Promise<number> {
  await program.ended;
  return now();
}
