import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The stand-in for a model's server, in a process of its own. */
export interface Server extends Disposable {
  /** What the programs that call it need. */
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
}

/**
 * @param latency milliseconds before each answer
 * @param program which of the bench's servers
 */
export async function startServer(latency: number, program = 'server.js'): Promise<Server> {
  const file = fileURLToPath(new URL(`programs/${program}`, import.meta.url));
  const child = spawn(process.execPath, [file, JSON.stringify({ latency })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const port = Number(await firstLine(child.stdout));
  return {
    port,
    env: { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_API_KEY: 'none' },
    [Symbol.dispose]: () => child.stdin.end(),
  };
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(stream)) return line;
  throw new Error('the server ended');
}
