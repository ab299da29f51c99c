import { platform } from 'node:os';
import process from 'node:process';
import { promisify } from 'node:util';

export const onWindows = platform() === 'win32';

/** Ends a process and all under it: there are no groups. A console program ignores polite requests to end. */
export async function endTreeUnder(pid: number): Promise<void> {
  await promisify(childProcess().execFile)('taskkill', treeUnder(pid)).catch(() => {});
}

/** The same, and nothing else happens meanwhile. False where there is none. */
export function endTreeNow(pid: number): boolean {
  return childProcess().spawnSync('taskkill', treeUnder(pid)).status === 0;
}

function treeUnder(pid: number): string[] {
  return ['/PID', String(pid), '/T', '/F'];
}

/** Loaded by the first that asks: 3 ms of every start, and Linux looks at its processes without it. */
export function childProcess() {
  return process.getBuiltinModule('node:child_process');
}
