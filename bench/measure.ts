import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { scratch } from './scratch.js';

/** A program to measure, in a process of plain node. */
export interface Program {
  /** Relative to the bench's folder. */
  readonly file: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where its stdout goes; default: nowhere. */
  readonly stdout?: string;
  /** The shell's words around the program, `NODE` standing for it. */
  readonly shell?: string;
  /** False: nothing of the bench is loaded into it, so its peak isn't known. Default: true. */
  readonly reporting?: boolean;
  /** Exit codes that are all right. Default: 0. */
  readonly codes?: readonly number[];
  /** Done before each start; not measured. */
  readonly before?: () => void;
}

export interface Measured {
  /** From the start of the process to its end, milliseconds. */
  readonly wallMs: number;
  /** What `programs/report.js` wrote: `peakMB`, `cpuMs`, and what the program told. */
  readonly facts: Readonly<Record<string, number>>;
}

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const REPORT = fileURLToPath(new URL('programs/report.js', import.meta.url));

/** The command line of the package. */
export const CLI = '../bin/orchestrator.js';

/** Runs a program once. Throws with what it said when it fails. */
export async function measure(program: Program): Promise<Measured> {
  program.before?.();
  const out = openSync(program.stdout ?? devNull, 'w');
  const { command, args } = commandLine(program);
  const began = performance.now();
  const child = spawn(command, args, {
    cwd: FOLDER,
    env: { ...process.env, XDG_STATE_HOME: scratch('state'), ...program.env },
    stdio: ['ignore', out, 'pipe', 'pipe'],
  });
  const said = [readable(child.stdio[2]), readable(child.stdio[3])].map((stream) => text(stream));
  const [code] = await once(child, 'exit');
  const wallMs = performance.now() - began;
  const [stderr = '', report = ''] = await Promise.all(said);
  closeSync(out);
  if (!(program.codes ?? [0]).includes(code)) throw new Error(`${args.join(' ')}: exit ${code}\n${stderr}`);
  const facts: Record<string, number> = JSON.parse(report || '{}');
  return { wallMs, facts };
}

/** Runs each program so many times, in turns, so that what else the machine does touches all alike. */
export async function interleaved<Name extends string>(
  programs: Readonly<Record<Name, Program>>,
  runs: number,
): Promise<(name: Name) => readonly Measured[]> {
  const measured = new Map<string, Measured[]>();
  for (let run = 0; run < runs; run++) {
    for (const [name, program] of Object.entries<Program>(programs)) {
      process.stderr.write(`  ${name} ${run + 1}/${runs}\n`);
      measured.set(name, [...(measured.get(name) ?? []), await measure(program)]);
    }
  }
  return (name) => measured.get(name) ?? [];
}

function commandLine({ file, args = [], shell, reporting = true }: Program) {
  const words = [...(reporting ? ['--import', REPORT] : []), file, ...args];
  if (shell === undefined) return { command: process.execPath, args: words };
  const line = shell.replace('NODE', '"$0" "$@"');
  return { command: 'sh', args: ['-c', line, process.execPath, ...words] };
}

function readable(stream: unknown): Readable {
  if (stream instanceof Readable) return stream;
  throw new TypeError('the child has no such pipe');
}
