import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The stand-in for a model's server, in a process of its own. */
export interface Server extends Disposable {
  /** What the programs that call it need. */
  readonly env: Readonly<Record<string, string>>;
}

/** @param latency milliseconds before each answer */
export async function startServer(latency: number): Promise<Server> {
  const file = fileURLToPath(new URL('programs/server.js', import.meta.url));
  const child = spawn(process.execPath, [file, JSON.stringify({ latency })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const port = await firstLine(child.stdout);
  return {
    env: { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_API_KEY: 'none' },
    [Symbol.dispose]: () => child.stdin.end(),
  };
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(stream)) return line;
  throw new Error('the server ended');
}
