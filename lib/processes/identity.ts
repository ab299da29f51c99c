import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';
import * as z from 'zod';
import { lookUp, startTimes } from './table.js';

/** A process, distinguished from a later one with the same number; an object for JSON. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Ticks since the system's start; null where the system doesn't tell (only Linux does). */
  readonly started: number | null;
  readonly host: string;
  /** The start of the system, and its PID namespace (a container has its own); Linux. */
  readonly boot: string | null;
  readonly namespace: string | null;
  /** When it was known to run, ISO 8601. */
  readonly since: string;
}

/** `unknown` where the state can't be found out from here. */
export type ProcessState = 'runs' | 'ended' | 'unknown';

/** Precision of a start time in whole seconds, milliseconds. */
const ABOUT_MS = 2000;

/** The one in which all processes are seen (PROC_PID_INIT_INO, include/linux/proc_ns.h of Linux 6.12; 2026-11). */
const FIRST_NAMESPACE = 'pid:[4026531836]';

export function thisProcess(): ProcessIdentity {
  const { pid } = process;
  return { pid, started: lookUp(pid)?.started ?? null, ...here(), since: new Date().toISOString() };
}

export async function lifeOf(identity: ProcessIdentity): Promise<ProcessState> {
  const { host, boot, namespace } = here();
  const isSameStart = boot === null ? identity.host === host : identity.boot === boot;
  if (!isSameStart) return identity.host === host ? 'ended' : 'unknown';
  if (identity.namespace !== namespace) return lifeElsewhere(identity, namespace);
  return (await stillRuns(identity)) ? 'runs' : 'ended';
}

/** Of a process in another namespace of the same system: those of containers are seen from outside, not from beside. */
function lifeElsewhere(identity: ProcessIdentity, namespace: string | null): ProcessState {
  if (seenFromHere(identity)) return 'runs';
  return namespace === FIRST_NAMESPACE ? 'ended' : 'unknown';
}

/** True if a process seen here has that number in its own namespace (the last one of NSpid), and that start. */
function seenFromHere({ pid, started }: ProcessIdentity): boolean {
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false;
    const status = told(() => readFileSync(`/proc/${name}/status`, 'latin1')) ?? '';
    if (Number(/^NSpid:.*\t(\d+)$/m.exec(status)?.[1]) !== pid) return false;
    const listed = lookUp(Number(name));
    return listed?.started === started && !listed.isZombie;
  });
}

async function stillRuns({ pid, started, since }: ProcessIdentity): Promise<boolean> {
  if (started !== null) {
    const listed = lookUp(pid);
    return listed?.started === started && !listed.isZombie;
  }
  const starts = await startTimes();
  if (starts.size === 0) return isThere(pid); // Windows: any process with that number counts
  return (starts.get(pid) ?? Number.POSITIVE_INFINITY) <= Date.parse(since) + ABOUT_MS;
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function here(): Pick<ProcessIdentity, 'host' | 'boot' | 'namespace'> {
  return {
    host: hostname(),
    boot: told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()),
    namespace: told(() => readlinkSync('/proc/self/ns/pid')),
  };
}

function told(ask: () => string): string | null {
  try {
    return ask();
  } catch {
    return null;
  }
}

/**
 * The schema by which a stored `ProcessIdentity` is read. It has no declaration: readers of those have no zod.
 *
 * @internal
 */
export const processIdentity = z.object({
  pid: z.int().positive(),
  started: z.number().nullable(),
  host: z.string(),
  boot: z.string().nullable(),
  namespace: z.string().nullable(),
  since: z.string(),
}) satisfies z.ZodType<ProcessIdentity>;
