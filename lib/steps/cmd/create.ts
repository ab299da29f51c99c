import type { Readable } from 'node:stream';
import { assertNone, type Issue, StepFailure } from '../../errors.js';
import type { Flow } from '../../flow/flow.js';
import { pidFileIn } from '../../processes/pid-file.js';
import { isFolder, programMistake } from '../../processes/programs.js';
import { type Command, type Ended, runProcess } from '../../processes/run-process.js';
import { type Fingerprint, partOf } from '../../step/fingerprint.js';
import { parse, placeholders } from '../../util/template.js';
import { byPath } from '../by-path.js';
import type { Checked, Render, StepBody, StepEnvironment } from '../contract.js';
import { inputDigests, namedFiles } from '../file-digests.js';
import { decode, lastPart, tail, whole } from '../text.js';
import { type CmdConfig, KEYS, MOST_OUTPUT_MIB } from './config.js';

/** Node gives its children sockets: a program can use them, but not open them by name. */
const SOCKET = /\/dev\/(std(in|out|err)|fd\/[012]).*No such device or address/;
const SOCKET_HINT =
  'These are sockets, which have no file: read stdin without naming it (or as -), write >&2.';

/** Makes the step: checks the folder and the program. */
export async function createCmd(config: Checked<CmdConfig>, setup: StepEnvironment): Promise<StepBody> {
  const { cmd, previous = true } = config;
  const issues = await missing(cmd, setup);
  assertNone(issues);
  const renders = rendersOf(cmd, setup);
  const names = renders.flatMap((render) => render.names);
  const fixed = {
    shell: typeof cmd === 'string',
    cwd: setup.workdir,
    env: withoutKeys(setup),
    pidFile: pidFileIn(setup.artefacts.directory),
  };
  return {
    settles: true,
    lane: { type: 'cmd' },
    fingerprint: await fingerprintOf(config, renders, setup),
    run: async (flow, context) => {
      const [file = '', ...args] = await Promise.all(renders.map((render) => render(flow, context)));
      const stdin = previous ? flow.output : '';
      const command = {
        ...fixed,
        file,
        args,
        stdin,
        signal: context.signal,
        wait: context.wait,
        byPath: () => byPath(names, flow),
      };
      return outputOf(command, await runProcess(command, readOutput, tail));
    },
  };
}

async function fingerprintOf(
  { cmd, previous = true, inputs }: Checked<CmdConfig>,
  renders: readonly Render[],
  setup: StepEnvironment,
): Promise<Fingerprint> {
  const inserts = (flow: Flow) => renders.flatMap((render) => render.inserts(flow));
  return {
    static: {
      type: 'cmd',
      shell: typeof cmd === 'string',
      words: renders.map(({ words }) => words),
      files: await namedFiles(wordsIn(cmd), setup.workdir),
      inputs: await inputDigests(inputs, setup),
    },
    labels: [...renders.flatMap(({ names }) => names), ...(previous ? ['{{{previous}}}'] : [])],
    dynamic: (flow) => (previous ? [...inserts(flow), partOf(flow.output)] : inserts(flow)),
    shareable: true,
  };
}

async function missing(
  cmd: string | readonly string[],
  { where, workdir, env }: StepEnvironment,
): Promise<Issue[]> {
  if (!(await isFolder(workdir))) {
    return [{ where, message: `the working folder ${workdir} doesn't exist; name one with --workdir` }];
  }
  const [program = ''] = typeof cmd === 'string' ? [] : cmd;
  if (typeof cmd === 'string' || placeholders(parse(program)).length > 0) return [];
  const mistake = await programMistake(program, workdir, env);
  if (!mistake) return [];
  const message = `cannot start ${JSON.stringify(program)}: ${mistake.why}; ${mistake.remedy}`;
  return [{ where: `${where}.cmd[0]`, message: mistake.isMissing ? message + shellHint(program) : message }];
}

function shellHint(program: string): string {
  return /\s/.test(program) ? '; a whole line for the shell is a string, not a list' : '';
}

function withoutKeys({ env, keyNames }: StepEnvironment): StepEnvironment['env'] {
  const keys = [...KEYS, ...keyNames];
  return Object.fromEntries(Object.entries(env).filter(([name]) => !keys.includes(name)));
}

/** A shell line has no placeholders, but its `\{{{` are resolved like everywhere. */
function rendersOf(cmd: string | readonly string[], { template, workdir }: StepEnvironment): Render[] {
  return textsOf(cmd).map((text) => template(text, workdir));
}

/** Words that may name a file: a script that is run, a table that is read. */
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
  throw new StepFailure('exit', `${name} ${end}${why && `: ${why}`}`, {
    ...(exitCode !== null && { exitCode }),
    ...(SOCKET.test(why) && { hint: SOCKET_HINT }),
  });
}
