import { uptime } from 'node:os';
import * as z from 'zod';
import { jsonIn } from '../util/values.js';
import { processIdentity, thisProcess } from './identity.js';
import { ownMark } from './marks.js';
import type { Listed } from './ps.js';
import { lookUp } from './table.js';

/** Every line has this length, its newline included. */
export const LINE_BYTES = 512;
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

const owner = processIdentity.extend({
  /** When it last lived, ticks since the system started. */
  alive: z.number(),
  /** What the marks of its children begin with (marks.ts). */
  mark: z.uuid(),
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
export function notedOf(pid: number, program: string): Noted {
  return { pid, started: lookUp(pid)?.started ?? null, at: Date.now(), program: shown(program) };
}

/** This process, alive. */
export function ownerNow(itself = thisProcess()): Owner {
  return { ...itself, alive: Math.floor(uptime() * TICKS_A_SECOND), mark: ownMark };
}

/** What would have been noted of a process that began a group unseen. Linux only. */
export function notedLater({ group, name = '?', started = 0 }: Listed): Noted {
  const at = Date.now() - uptime() * 1000 + (started * 1000) / TICKS_A_SECOND;
  return { pid: group, started, at: Math.round(at), program: shown(name) };
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
  const [first, ...others] = text.split('\n').map(jsonIn);
  return {
    owner: owner.safeParse(first).data,
    groups: others.flatMap((other) => noted.safeParse(other).data ?? []),
  };
}
