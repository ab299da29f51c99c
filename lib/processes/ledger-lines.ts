import { uptime } from 'node:os';
import process from 'node:process';
import { z } from 'zod';
import { thisSystem } from './system.js';
import { lookUp } from './table.js';

/** Every line has this length, its newline included. */
export const LINE_BYTES = 256;
const PROGRAM_CHARACTERS = 60;
const TICKS_A_SECOND = 100;

const noted = z.object({
  /** Of the leader, and so of the group. */
  pid: z.number(),
  /** When it started, ticks (1/100 s) since the system did; null where the system doesn't tell. */
  started: z.number().nullable(),
  /** The same, milliseconds since the epoch; not as exact. */
  at: z.number(),
  program: z.string(),
});

const owner = noted.extend({
  /** Pids of another system mean nothing here. */
  system: z.string(),
  /** When the owner last lived, ticks since the system started. */
  alive: z.number(),
});

/** A group that runs. */
export type Noted = z.infer<typeof noted>;

/** The process whose ledger it is. */
export type Owner = z.infer<typeof owner>;

/** What a ledger holds; the owner is unknown in one that was only just made. */
export interface Ledgered {
  readonly owner: Owner | undefined;
  readonly groups: readonly Noted[];
}

/** What is noted of a process that has just started. */
export function notedOf(pid: number, program: string, at = Date.now()): Noted {
  return { pid, started: lookUp(pid)?.started ?? null, at, program: shown(program) };
}

/** What is noted of this process. */
export function ownerNow(): Owner {
  const itself = notedOf(process.pid, 'orchestrator', Date.now() - process.uptime() * 1000);
  return { ...itself, system: thisSystem(), alive: Math.floor(uptime() * TICKS_A_SECOND) };
}

/** ASCII only: its length in bytes is bounded. */
function shown(program: string): string {
  return program.slice(0, PROGRAM_CHARACTERS).replace(/[^ -~]/g, '?');
}

/** A line of a ledger; blank for nothing. */
export function line(value: Owner | Noted | undefined): Buffer {
  const text = value === undefined ? '' : JSON.stringify(value);
  return Buffer.from(`${text.padEnd(LINE_BYTES - 1)}\n`);
}

/** Reads a ledger; lines that are none are left out. */
export function parseLedger(text: string): Ledgered {
  const [first, ...others] = text.split('\n').map(parsed);
  return {
    owner: owner.safeParse(first).data,
    groups: others.flatMap((other) => noted.safeParse(other).data ?? []),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
