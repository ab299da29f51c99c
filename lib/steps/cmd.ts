import type { Readable } from 'node:stream';
import * as z from 'zod';
import { digest } from '../basis.js';
import { ConfigError, type Issue, StepFailure } from '../errors.js';
import { ledgerIn } from '../processes/ledger.js';
import { type Command, type Ended, runProcess } from '../processes.js';
import { findProgram, isFolder } from '../programs.js';
import { type Placeholder, parse, placeholders } from '../template.js';
import type { CommonFields, Render, Setup, StepType } from './contract.js';
import { inputDigests, inputsField, namedFiles } from './file-digests.js';
import { decode, lastPart, tail, whole } from './text.js';

interface CmdConfig extends CommonFields {
  readonly cmd: string | readonly string[];
  readonly inputs?: readonly string[] | undefined;
}

/** Keys of the model's servers: a command has no use for them. */
const KEYS = ['OPENAI_API_KEY', 'OPENAI_ADMIN_KEY', 'CODEX_API_KEY'];

/** Outputs are held in memory, one for each flow in flight. */
const MOST_OUTPUT_MIB = 64;

const NUL = 'holds a NUL character, which no program can be given';

interface FieldMistake {
  readonly field: string;
  readonly message: string;
}

/** Runs a program or a shell line; the previous output is its stdin, its stdout the output. */
export const cmd: StepType<CmdConfig> = {
  type: 'cmd',
  fields: z.object({
    cmd: z
      .union([z.string().min(1), z.array(z.string()).min(1)])
      .describe(
        'The program and its arguments, run without a shell (["wc", "-l"]), or one line for the shell ("sort | uniq"). ' +
          'The previous output is its stdin; its stdout, at most ' +
          `${MOST_OUTPUT_MIB} MiB, without one final newline, is the output. It runs in the working folder, with the ` +
          `environment but ${KEYS.join(', ')}. Processes that it leaves in its group are ended.`,
      ),
    inputs: inputsField,
  }),
  paths: [],
  retries: 0,
  mistakes: ({ cmd }) => (typeof cmd === 'string' ? lineMistakes(cmd) : listMistakes(cmd)),
  templates: ({ cmd }) =>
    typeof cmd === 'string' ? [] : cmd.map((text, index) => ({ field: `cmd[${index}]`, text })),

  async create({ cmd, previous, inputs }, setup) {
    const issues = await missing(cmd, setup);
    if (issues.length > 0) throw new ConfigError(issues);
    const env = withoutKeys(setup.env);
    const renders = rendersOf(cmd, setup);
    const usesPrevious = previous !== false;
    const fixed = {
      shell: typeof cmd === 'string',
      cwd: setup.workdir,
      env,
      ledger: ledgerIn(setup.artefacts.directory),
    };
    return {
      settles: true,
      lane: { type: 'cmd' },
      basis: {
        fixed: {
          type: 'cmd',
          shell: fixed.shell,
          words: renders.map(({ words }) => words),
          files: await namedFiles(wordsIn(cmd), setup.workdir),
          inputs: await inputDigests(inputs, setup),
        },
        names: [...renders.flatMap(({ names }) => names), ...(usesPrevious ? ['{{{previous}}}'] : [])],
        of: (flow) => [
          ...renders.flatMap((render) => render.inserts(flow)),
          ...(usesPrevious ? [digest(flow.output)] : []),
        ],
        shareable: true,
      },
      run: async (flow, context) => {
        const [file = '', ...args] = await Promise.all(renders.map((render) => render(flow, context)));
        const stdin = usesPrevious ? flow.output : '';
        const command = { ...fixed, file, args, stdin, signal: context.signal };
        return outputOf(command, await runProcess(command, readOutput, tail));
      },
    };
  },
};

function lineMistakes(line: string): FieldMistake[] {
  const [first] = placeholders(parse(line));
  if (first) return [{ field: 'cmd', message: refusal(first) }];
  return line.includes('\0') ? [{ field: 'cmd', message: NUL }] : [];
}

function listMistakes(list: readonly string[]): FieldMistake[] {
  return list.flatMap((text, index) =>
    text.includes('\0') ? [{ field: `cmd[${index}]`, message: NUL }] : [],
  );
}

function refusal({ name }: Placeholder): string {
  const shown = `{{{${name}}}}`;
  return (
    `${shown} in a line for the shell could be run as a part of it; write a list, where it stays one argument: ` +
    `["sh", "-c", "wc -l \\"$1\\"", "sh", "${shown}"]`
  );
}

async function missing(cmd: string | readonly string[], { where, workdir, env }: Setup): Promise<Issue[]> {
  if (!(await isFolder(workdir))) {
    return [{ where, message: `the working folder ${workdir} doesn't exist; name one with --workdir` }];
  }
  const [program = ''] = typeof cmd === 'string' ? [] : cmd;
  if (typeof cmd === 'string' || placeholders(parse(program)).length > 0) return [];
  if (await findProgram(program, workdir, env)) return [];
  const place = program.includes('/') ? `in ${workdir}` : 'on PATH';
  const message = `there is no program ${JSON.stringify(program)} ${place}; install it or correct its name${shellHint(program)}`;
  return [{ where: `${where}.cmd[0]`, message }];
}

function shellHint(program: string): string {
  return /\s/.test(program) ? '; a whole line for the shell is a string, not a list' : '';
}

function withoutKeys(env: Setup['env']): Setup['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !KEYS.includes(name)));
}

/** A shell line has no placeholders, but its `\{{{` are resolved like everywhere. */
function rendersOf(cmd: string | readonly string[], { template, workdir }: Setup): Render[] {
  return textsOf(cmd).map((text) => template(text, workdir));
}

/** What may name a file: a script that is run, a table that is read. */
function wordsIn(cmd: string | readonly string[]): string[] {
  return typeof cmd === 'string' ? cmd.split(/[\s;|&<>()'"]+/) : [...cmd];
}

function textsOf(cmd: string | readonly string[]): readonly string[] {
  return typeof cmd === 'string' ? [cmd] : cmd;
}

function readOutput(stream: Readable): Promise<Buffer> {
  return whole(stream, MOST_OUTPUT_MIB * 2 ** 20);
}

function outputOf({ file, shell }: Command, { exitCode, signal, stdout, stderr }: Ended<Buffer>): string {
  if (exitCode === 0) return decode(stdout).replace(/\r?\n$/, '');
  const name = shell ? 'the shell line' : file;
  const end = signal === null ? `ended with exit code ${exitCode}` : `was killed by ${signal}`;
  const why = lastPart(stderr);
  throw new StepFailure('exit', `${name} ${end}${why && `: ${why}`}`, exitCode === null ? {} : { exitCode });
}
