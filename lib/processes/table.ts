import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

/** A process as the system lists it. */
export interface Listed {
  readonly pid: number;
  /** It has ended, and its parent hasn't taken notice yet. */
  readonly isZombie: boolean;
  readonly group: number;
  readonly session: number;
  /** When it started, ticks (1/100 s) since the system did. */
  readonly started: number;
}

/** All processes of the system. Linux only: elsewhere none is found. */
export async function processTable(): Promise<Listed[]> {
  const names = await readdir('/proc').catch(() => []);
  const texts = await Promise.all(
    names.filter(isPid).map((pid) => readFile(statOf(pid), 'latin1').catch(none)),
  );
  return texts.flatMap(parse);
}

/** The same, and nothing else happens meanwhile: for the last moment of this process. */
export function processTableNow(): Listed[] {
  return namesNow()
    .filter(isPid)
    .flatMap((pid) => parse(textNow(pid)));
}

/** One of them, or undefined where there is none. */
export function lookUp(pid: number): Listed | undefined {
  return parse(textNow(String(pid)))[0];
}

function namesNow(): string[] {
  try {
    return readdirSync('/proc');
  } catch {
    return [];
  }
}

function textNow(pid: string): string {
  try {
    return readFileSync(statOf(pid), 'latin1');
  } catch {
    return none();
  }
}

function statOf(pid: string): string {
  return `/proc/${pid}/stat`;
}

function isPid(name: string): boolean {
  return /^\d+$/.test(name);
}

function none(): string {
  return '';
}

/** `pid (name) state parent group session …`; the name may hold spaces and parentheses. The 22nd field is the start. */
function parse(text: string): Listed[] {
  if (text === '') return [];
  const [state, , group, session, ...others] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return [
    {
      pid: Number.parseInt(text, 10),
      isZombie: state === 'Z' || state === 'X',
      group: Number(group),
      session: Number(session),
      started: Number(others[15]),
    },
  ];
}
