import process from 'node:process';

/** Loaded by the first that asks: 3 ms of every start, and Linux looks at its processes without it. */
export function childProcess() {
  return process.getBuiltinModule('node:child_process');
}
