import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Answer } from '../fixtures/commands.js';
import { Commands } from '../helpers/commands.js';
import { folderWith } from '../helpers/folder.js';
import { recordsIn, runLine } from '../helpers/program.js';
import { skip } from '../helpers/skip.js';
import { preload } from './preload.js';
import { Dice, FULL } from './scale.js';

/** An output that has a file of its own. */
const BIG = 'x'.repeat(100_000);

/** How many edits and how many random files are tried, of each file. */
const TRIES = FULL ? 200 : 2;

/** A user that isn't this one. */
const ANOTHER = 65_534;

/** A project with two runs, which commands work on. */
class Project {
  readonly #commands: Commands;
  readonly #cwd = folderWith({
    'big.txt': BIG,
    'config.json': JSON.stringify([{ type: 'cmd', name: 'x', cmd: ['cat', 'big.txt'] }]),
  });
  /** The folders of both, and of what the last one keeps apart. */
  #other = '';
  #last = '';
  #output = '';

  constructor(commands: Commands) {
    this.#commands = commands;
  }

  async make(): Promise<void> {
    await this.#perform('run', 'config.json');
    const [other = ''] = this.#runs();
    await this.#perform('run', 'config.json');
    this.#other = other;
    this.#last = this.#runs().find((name) => name !== other) ?? '';
    const [output = ''] = readdirSync(join(this.#cwd, 'generated', this.#last, 'outputs'));
    this.#output = `outputs/${output}`;
    cpSync(join(this.#cwd, 'generated'), join(this.#cwd, 'pristine'), { recursive: true });
  }

  /** What the last run keeps, and what it may. */
  get files(): string[] {
    return ['run.json', 'journal.ndjson', 'lock', 'outputs', this.#output];
  }

  /** A file of the last run, which is as it was left. */
  restored(name: string): string {
    rmSync(join(this.#cwd, 'generated'), { recursive: true });
    cpSync(join(this.#cwd, 'pristine'), join(this.#cwd, 'generated'), { recursive: true });
    return join(this.#cwd, 'generated', this.#last, name);
  }

  /** The commands of the last run end and say why; those of the other one go on. */
  async assertSound(what: string): Promise<void> {
    const runs = await this.#perform('runs');
    assert.equal(runs.code, 0, `${what}: ${runs.stderr}`);
    const others = await this.#perform('results', idOf(this.#other));
    assert.deepEqual(outputsIn(others), [BIG], `${what}: ${others.stderr}`);
    const id = idOf(this.#last);
    for (const args of [
      ['results', id],
      ['explain', id],
      ['retry'],
      ['run', '--resume', id],
      ['results', id],
    ]) {
      const ended = await this.#perform(...args);
      const which = `${what}: ${args.join(' ')}: ${ended.stderr}`;
      if (args[0] === 'explain') continue;
      for (const output of outputsIn(ended)) assert.ok(output === BIG || output === null, which);
    }
  }

  async #perform(...args: string[]): Promise<Answer> {
    const ended = await this.#commands.run(args, this.#cwd);
    const { code, stderr } = ended;
    assert.ok([0, 1, 2, 3, 70].includes(code), `${args.join(' ')}: exit ${code}: ${stderr}`);
    assert.doesNotMatch(stderr, /internal fault/, args.join(' '));
    return ended;
  }

  #runs(): string[] {
    return readdirSync(join(this.#cwd, 'generated')).filter((name) => name.startsWith('run_'));
  }
}

function idOf(folder: string): string {
  return folder.slice('run_'.length);
}

function outputsIn(ended: Answer): (string | null)[] {
  return recordsIn(ended).map(({ output }) => output);
}

/** What may stand in a file's place. */
const ODD: Readonly<Record<string, (file: string) => void>> = {
  'a FIFO': (file) => execFileSync('mkfifo', [file]),
  'a folder': (file) => mkdirSync(file),
  'a link to /dev/zero': (file) => symlinkSync('/dev/zero', file),
  'a link to itself': (file) => symlinkSync(file, file),
  'the word null': (file) => writeFileSync(file, 'null\n'),
};

describe("faults: other files in the place of a run's", () => {
  const commands = new Commands();
  const project = new Project(commands);
  before(() => project.make());
  after(() => commands[Symbol.asyncDispose]());

  for (const [what, put] of Object.entries(ODD)) {
    it(`${what}: ends each command, with no internal fault and no wrong record`, async () => {
      for (const name of project.files) {
        const file = project.restored(name);
        rmSync(file, { recursive: true, force: true });
        put(file);
        await project.assertSound(`${what} as ${name}`);
      }
    });
  }

  it('a file of another user: ends each command, with no internal fault and no wrong record', async function () {
    if (process.geteuid?.() !== 0) skip(this, 'only root can give a file to another user');
    for (const name of ['.', ...project.files]) {
      const file = project.restored(name);
      if (!existsSync(file)) writeFileSync(file, '');
      chownSync(file, ANOTHER, ANOTHER);
      await project.assertSound(`another user's ${name}`);
    }
  });

  const bytes = fc.uint8Array({ maxLength: 300 });
  const edits = fc.array(
    fc.record({
      place: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.nat(8),
      insert: fc.uint8Array({ maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 3 },
  );

  it('random bytes: end each command, with no internal fault and no wrong record', async function () {
    this.timeout(900_000);
    for (const name of project.files.filter((name) => name !== 'outputs')) {
      await tried(bytes, async (bytes) => {
        writeFileSync(project.restored(name), bytes);
        await project.assertSound(`random bytes as ${name}`);
      });
    }
  });

  it('random edits: end each command, with no internal fault and no wrong record', async function () {
    this.timeout(900_000);
    for (const name of project.files.filter((name) => !['outputs', 'lock'].includes(name))) {
      await tried(edits, async (edits) => {
        const file = project.restored(name);
        writeFileSync(file, edited(readFileSync(file), edits));
        await project.assertSound(`an edited ${name}`);
      });
    }
  });
});

/** Tries some; a failure tells the seed, which FAULTS_SEED repeats. */
function tried<T>(arbitrary: fc.Arbitrary<T>, attempt: (value: T) => Promise<void>): Promise<void> {
  return fc.assert(fc.asyncProperty(arbitrary, attempt), { numRuns: TRIES, seed: new Dice().seed });
}

interface Edit {
  /** Where in the file, from 0 to 1. */
  readonly place: number;
  readonly remove: number;
  readonly insert: Uint8Array;
}

function edited(bytes: Buffer, edits: readonly Edit[]): Buffer {
  return edits.reduce((bytes, { place, remove, insert }) => {
    const at = Math.floor(place * bytes.length);
    return Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
  }, bytes);
}

describe('faults: a disk without hard links', () => {
  it('has its runs locked all the same: they are kept and resumed', async function () {
    this.timeout(60_000);
    const without = preload(this, 'no-links.c');
    const cwd = folderWith({ 'config.json': '[{"type":"cmd","cmd":"echo hi"}]' });
    const first = await runLine(`${without} $orchestrator run config.json`, { cwd });
    assert.equal(first.code, 0, first.stderr);
    const again = await runLine(`${without} $orchestrator retry`, { cwd });
    assert.equal(again.code, 0, again.stderr);
    assert.equal(recordsIn(again)[0]?.steps[0]?.replayed, true);
    const [run = ''] = readdirSync(join(cwd, 'generated')).filter((name) => name.startsWith('run_'));
    assert.deepEqual(readdirSync(join(cwd, 'generated', run)), ['journal.ndjson', 'run.json']);
  });
});
