import { readFileSync } from 'node:fs';
import process from 'node:process';
import { once } from '../util/once.js';

/** In the mask of `SigIgn`. */
const SIGHUP_BIT = 1n;

/**
 * True if the program was started with SIGHUP ignored, as by `nohup`. Node has forgotten it: it resets every signal
 * when it
 * starts (src/node.cc of 20.20, PlatformInit; 2026-11). So it is taken from what is left of the start: a shell puts the
 * program that it runs in `_`, and `trap '' HUP` is in force in the shell, too. Other signals can't be told that way:
 * an interactive bash ignores SIGTERM, system(3) SIGINT, and what they start doesn't.
 */
export const isHangupIgnored = once(() => isNohup(process.env._) || ignoresHangup(process.ppid));

function isNohup(program = ''): boolean {
  return /(^|\/)g?nohup$/.test(program);
}

function ignoresHangup(pid: number): boolean {
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return mask !== undefined && (BigInt(`0x${mask}`) & SIGHUP_BIT) !== 0n;
  } catch {
    return false; // no /proc, or it has ended
  }
}
