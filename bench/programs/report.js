/*
 * Loaded into every measured process (`node --import`), so that both sides are measured alike: on exit it writes what
 * the process took, and what the program told, to file descriptor 3.
 */
import { readFileSync, writeSync } from 'node:fs';

const facts = {};

/** Adds to what the process reports when it exits. */
export function tell(more) {
  Object.assign(facts, more);
}

process.on('exit', () => {
  writeSync(3, JSON.stringify({ ...facts, peakMB: peakKB() / 1024, cpuMs: cpuMicros() / 1000 }));
});

/** `maxRSS` counts what the parent held when it forked, where the kernel doesn't know better. */
function peakKB() {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}

function cpuMicros() {
  const { user, system } = process.cpuUsage();
  return user + system;
}
