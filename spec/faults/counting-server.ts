import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Call } from './call.js';

/** The server of spec/fixtures/counting-server.ts, in a process of its own. */
export interface CountingServer {
  readonly port: number;
  /** What a program needs to call it. @param caller what its calls are counted under @param path another address */
  env(caller: string, path?: string): Readonly<Record<string, string>>;
  /** All calls until now, in order. */
  calls(): Promise<readonly Call[]>;
  /** Resolves when the caller has made so many calls. */
  after(calls: number, caller: string): Promise<void>;
}

/** Milliseconds before an answer, the least and the most. */
const LATENCY = ['1', '8'];

let child: ChildProcess | undefined;
let server: Promise<CountingServer> | undefined;

/** One for all tests; it ends with them. */
export function countingServer(): Promise<CountingServer> {
  server ??= started();
  return server;
}

export function endCountingServer(): void {
  child?.stdin?.end();
  child = undefined;
  server = undefined;
}

async function started(): Promise<CountingServer> {
  const file = fileURLToPath(new URL('../fixtures/counting-server.ts', import.meta.url));
  const args = ['--import', 'tsx/esm', file, ...LATENCY];
  const made = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child = made;
  const { port }: { port: number } = JSON.parse(await firstLine(made.stdout));
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  return {
    port,
    env: (caller, path = 'v1') => ({
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/${path}`,
      OPENAI_API_KEY: caller,
    }),
    async calls() {
      const calls: readonly Call[] = JSON.parse(await ask('/calls'));
      return calls;
    },
    async after(calls, caller) {
      await ask(`/after?${new URLSearchParams({ calls: `${calls}`, caller })}`);
    },
  };
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(stream)) return line;
  throw new Error('the server ended');
}
