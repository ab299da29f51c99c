import { hash } from 'node:crypto';
import type { StepFailure } from '../errors.js';
import type { Input } from '../flow/flow.js';
import { type Digest, digestOf } from './flow-id.js';

/** A line of a key's list, or a value, as it takes part in combinations. */
export interface Entry {
  readonly key: Key;
  /** As listed; null for a value. */
  readonly path: string | null;
  /** How many entries before it in the same list are the same. */
  readonly repeat: number;
  /** Set once the content's hash is known. */
  identity: Identity | undefined;
}

/** The part of a flow's identity that an entry adds; made once an entry. */
export interface Identity {
  readonly input: Input;
  /** Its part of the flow's id. */
  readonly digest: Digest;
  /** Why the content couldn't be hashed. */
  readonly failure: StepFailure | null;
}

/** A placeholder's name and all that it stands for. */
export interface Key {
  readonly name: string;
  /** Absolute folder that its paths resolve against. */
  readonly base: string;
  /** True if it has values given in code instead of paths. */
  readonly values: boolean;
  /** Its paths as listed; none where it has values. */
  readonly paths: readonly string[];
  /** How many entries; null where only iterating over them tells. */
  readonly count: number | null;
  /** Fresh entries in the order of the list, each made when it is asked for. */
  entries(): Iterable<Entry>;
}

/** A key whose entries are paths. */
export function pathKey(name: string, base: string, paths: readonly string[]): Key {
  const repeated = duplicates(paths);
  const key: Key = {
    name,
    base,
    values: false,
    paths,
    count: paths.length,
    *entries() {
      const seen = new Map<string, number>();
      for (const path of paths) {
        const repeat = seen.get(path) ?? 0;
        if (repeated.has(path)) seen.set(path, repeat + 1);
        yield { key, path, repeat, identity: undefined };
      }
    },
  };
  return key;
}

/** A key whose entries are values; they are iterated anew for every round of the keys before it. */
export function valueKey(name: string, base: string, values: Iterable<string>): Key {
  const key: Key = {
    name,
    base,
    values: true,
    paths: [],
    count: sizeOf(values),
    *entries() {
      const repeats = new Repeats();
      for (const value of values) yield valueEntry(key, value, repeats);
    },
  };
  return key;
}

function valueEntry(key: Key, value: string, repeats: Repeats): Entry {
  if (typeof value !== 'string') {
    throw new TypeError(`keys.${key.name}: its values hold a ${typeof value}; expected strings only`);
  }
  const sha256 = hash('sha256', value);
  const repeat = repeats.add(sha256);
  const identity: Identity = {
    input: Object.freeze({ path: null, sha256, value }),
    digest: entryDigest(key.name, null, sha256, repeat),
    failure: null,
  };
  return { key, path: null, repeat, identity };
}

/** An entry's part of a flow's id. JSON frames it: no two different entries give the same text. */
export function entryDigest(
  name: string,
  path: string | null,
  sha256: string | null,
  repeat: number,
): Digest {
  return digestOf(JSON.stringify([name, path, sha256, repeat]));
}

/** The strings that stand more than once. */
function duplicates(strings: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const string of strings) (seen.has(string) ? again : seen).add(string);
  return again;
}

function sizeOf(values: Iterable<string>): number | null {
  if (Array.isArray(values)) return values.length;
  return values instanceof Set ? values.size : null;
}

const FIRST_CAPACITY = 1024;

/**
 * Counts how often a hash was seen. Generated values can run into millions and are never kept, so this is an
 * open-addressing table of 52-bit fingerprints, 16 to 32 bytes a value: a fifth of what a Map takes, and without
 * its limit of 2^24 entries.
 */
export class Repeats {
  #slots = new Float64Array(FIRST_CAPACITY);
  #used = 0;
  /** Only hashes seen at least twice. */
  readonly #counts = new Map<number, number>();

  /** How often this hash (hex digits) was added before. */
  add(sha256: string): number {
    // 0 marks a free slot.
    const fingerprint = Number.parseInt(sha256.slice(0, 13), 16) + 1;
    if (this.#insert(fingerprint)) return 0;
    const before = this.#counts.get(fingerprint) ?? 1;
    this.#counts.set(fingerprint, before + 1);
    return before;
  }

  /** False where it is already there. */
  #insert(fingerprint: number): boolean {
    if (this.#used * 2 >= this.#slots.length) this.#grow();
    const slot = find(this.#slots, fingerprint);
    if (this.#slots[slot] === fingerprint) return false;
    this.#slots[slot] = fingerprint;
    this.#used++;
    return true;
  }

  #grow(): void {
    const larger = new Float64Array(this.#slots.length * 2);
    for (const fingerprint of this.#slots) {
      if (fingerprint !== 0) larger[find(larger, fingerprint)] = fingerprint;
    }
    this.#slots = larger;
  }
}

/** Where it stands, or else the free slot where it would. */
function find(slots: Float64Array, fingerprint: number): number {
  let slot = fingerprint % slots.length;
  while (slots[slot] !== 0 && slots[slot] !== fingerprint) slot = (slot + 1) % slots.length;
  return slot;
}
