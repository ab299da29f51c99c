import { readFileSync } from 'node:fs';
import { Chalk, chalkStderr } from 'chalk';

/** A terminal, a pipe or a file, as node:tty and node:net make them. */
export interface Output extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  /** Of the process; undefined for any other stream. */
  readonly fd?: number;
  readonly columns?: number;
}

/** The streams of the process. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Colours for stderr: only on a terminal, and never with NO_COLOR. */
export function coloursFor(stderr: Output, env: Readonly<Record<string, string | undefined>>) {
  return new Chalk({ level: stderr.isTTY && !env.NO_COLOR ? chalkStderr.level : 0 });
}

/** The version of this package. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const manifest: { version: string } = JSON.parse(text);
  return manifest.version;
}
