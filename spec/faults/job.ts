import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { folderWith } from '../helpers/folder.js';
import { type Ended, type Program, startLine } from '../helpers/program.js';
import type { Call } from './call.js';
import type { CountingServer } from './counting-server.js';
import { finishedIn, linesOf, runIn } from './left.js';

/** What one start of the program did. */
export interface Session {
  /** What its calls are counted under. */
  readonly caller: string;
  readonly ended: Ended;
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

export interface SessionOptions {
  /** What happens to the program meanwhile. */
  readonly meddle?: (program: Program, caller: string) => Promise<void>;
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
    const call = { caller: process.env.OPENAI_API_KEY, model: 'work', input: output.slice(0, 200) };
    appendFileSync('work.log', JSON.stringify(call) + '\\n');
    return \`work(\${output})\`;
  });`;

let jobs = 0;

/** A run of three steps that tell their calls, in as many sessions as it takes. */
export class Job {
  readonly cwd: string;
  readonly sessions: Session[] = [];
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
  async sit({ meddle, under = '' }: SessionOptions = {}): Promise<Session> {
    const caller = `${this.#name}-session-${this.sessions.length}`;
    const line = `${under} exec $orchestrator ${this.#words()}`;
    const program = startLine(line, { cwd: this.cwd, env: this.#server.env(caller) });
    await meddle?.(program, caller);
    const session = { caller, ended: await program.ended, finished: this.#finished() };
    this.sessions.push(session);
    return session;
  }

  /** The calls of all sessions, those to the module included. */
  async calls(): Promise<readonly Call[]> {
    const log = join(this.cwd, 'work.log');
    const worked = linesOf(log).map((line): Call => JSON.parse(line));
    const ours = (await this.#server.calls()).filter(({ caller }) => caller.startsWith(`${this.#name}-`));
    return [...ours, ...worked];
  }

  #words(): string {
    const { parallel = PARALLEL, generated = 'generated' } = this.#options;
    const what = this.sessions.length > 0 ? '--resume last' : `config.json --key doc:list.txt -p ${parallel}`;
    return `run ${what} --generated ${generated}`;
  }

  #finished(): ReadonlySet<string> {
    const generated = resolve(this.cwd, this.#options.generated ?? 'generated');
    return new Set(finishedIn(runIn(generated)));
  }
}
