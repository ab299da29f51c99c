import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

let system: string | undefined;

/** Names the machine since its last start, as far as its processes see each other: a container is one of its own. */
export function thisSystem(): string {
  system ??= [hostname(), bootId(), pidNamespace()].join(' ');
  return system;
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return ''; // not Linux
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
