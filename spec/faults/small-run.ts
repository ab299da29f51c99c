import assert from 'node:assert/strict';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readRunFile, writeRunFile } from '../../lib/store/run-file.js';
import { Signer } from '../../lib/store/signer.js';
import { findUserKey } from '../../lib/store/user-key.js';
import { folderWith } from '../helpers/folder.js';
import { type Ended, recordsIn, runLine, stateHome } from '../helpers/program.js';
import type { CountingServer } from './counting-server.js';
import { linesOf, nameOf, runIn } from './left.js';

type Step = Readonly<Record<string, unknown>>;

/** The steps of a config, by name, in order. */
export type Steps = Readonly<Record<string, Step>>;

/** Tells its call in a file. */
const COUNT = 'input=$(cat)\necho "count" $input >> calls.log\nprintf "count(%s)" "$input"\n';

/** Puts out what it gets. */
const PASS = 'input=$(cat)\necho "pass" $input >> calls.log\nprintf "%s" "$input"\n';

/** Tells its call in a file. */
const JUDGE = `
  import { appendFileSync } from 'node:fs';
  import { step } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../dist/index.js')))};
  export default step('judge', async ({ output }) => {
    appendFileSync('calls.log', \`judge \${output.replaceAll('\\n', ' ')}\\n\`);
    return \`judge(\${output})\`;
  });`;

export const STEPS = {
  draft: { type: 'openai', model: 'draft', prompt: 'Draft {{{doc}}}.' },
  count: { type: 'cmd', cmd: ['sh', 'count.sh', '{{{doc.file}}}'] },
  judge: { type: 'module', module: './judge.mjs', inputs: ['data'] },
  final: {
    type: 'openai',
    model: 'final',
    promptFile: 'final.md',
    instructions: 'Be brief.',
    schema: {
      type: 'object',
      properties: { said: { type: 'string' } },
      required: ['said'],
      additionalProperties: false,
    },
  },
} satisfies Steps;

export const KEYS = { doc: 'docs.txt', rule: 'rules.txt' };

/** Four flows through four steps of three types. */
export const FILES = {
  'config.json': configText(STEPS),
  'docs.txt': 'a.md\nb.md\n',
  'rules.txt': 'r.md\ns.md\n',
  'a.md': 'doc a',
  'b.md': 'doc b',
  'r.md': 'rule red',
  's.md': 'rule sand',
  'count.sh': COUNT,
  'pass.sh': PASS,
  'judge.mjs': JUDGE,
  'data/words.txt': 'a word',
  'final.md': 'Finish by {{{rule}}} {{{steps.draft}}}.',
};

/** The steps get their names. */
export function configText(steps: Steps, keys: object = KEYS): string {
  return JSON.stringify({ keys, steps: Object.entries(steps).map(([name, step]) => ({ name, ...step })) });
}

/** What the program left, and what it called, sorted: `draft doc a`. */
export interface Called {
  readonly ended: Ended;
  readonly calls: readonly string[];
}

/** A run of that kind, in a folder of its own. */
export class SmallRun {
  readonly cwd: string;
  readonly #server: CountingServer;
  #sessions = 0;

  constructor(server: CountingServer, cwd = folderWith(FILES)) {
    this.#server = server;
    this.cwd = cwd;
  }

  /** What its run has left. */
  get folder(): string {
    return runIn(join(this.cwd, 'generated'));
  }

  /** The same in another folder, which the run knows as its own. */
  async copy(): Promise<SmallRun> {
    const cwd = folderWith();
    cpSync(this.cwd, cwd, { recursive: true });
    const copy = new SmallRun(this.#server, cwd);
    const file = (await readRunFile(copy.folder)) ?? assert.fail('there is no run');
    const { key } = await findUserKey(join(stateHome, 'orchestrator'));
    if (!key) assert.fail('there is no key');
    const moved = JSON.parse(JSON.stringify({ info: file.info, end: file.end }).replaceAll(this.cwd, cwd));
    await writeRunFile(copy.folder, moved, new Signer(key, copy.folder));
    return copy;
  }

  /** Writes files, or deletes those that are null. */
  write(files: Readonly<Record<string, string | null>>): void {
    for (const [name, text] of Object.entries(files)) {
      if (text === null) rmSync(join(this.cwd, name));
      else writeFileSync(join(this.cwd, name), text);
    }
  }

  /** Starts the program. @param words what follows `run` @param fails a word that the server refuses */
  async run(words: string, { fails = '', path = 'v1' } = {}): Promise<Called> {
    const caller = `${this.cwd}-${this.#sessions++}-fails=${fails}`;
    const log = join(this.cwd, 'calls.log');
    rmSync(log, { force: true });
    const ended = await runLine(`exec $orchestrator run ${words}`, {
      cwd: this.cwd,
      env: this.#server.env(caller, path),
    });
    const models = (await this.#server.calls()).filter((call) => call.caller === caller);
    const named = linesOf(log).map((line) => nameOf(line.split(' ', 1)[0] ?? '', line));
    return { ended, calls: [...models.map(({ model, input }) => nameOf(model, input)), ...named].sort() };
  }
}

/** What a program put out, in the order of the flows. */
export function outputsIn(ended: Ended): readonly (string | null)[] {
  const records = recordsIn(ended).sort((a, b) => a.index - b.index);
  return records.map(({ output }) => output);
}
