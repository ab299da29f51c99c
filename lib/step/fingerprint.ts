import { hash } from 'node:crypto';
import type { Flow } from '../flow/flow.js';

/** All that decides the result of a step: where it is the same, an earlier result serves as well as a new one. */
export interface Fingerprint {
  /** The parts that are the same for every flow (the model, the prompt's own words), by name; as for JSON. */
  readonly static: Readonly<Record<string, unknown>>;
  /** Names of the parts that differ from flow to flow, for people. */
  readonly labels: readonly string[];
  /** Those parts, in the order of the names: short texts, and digests of long ones. */
  dynamic(flow: Flow): readonly string[];
  /** True if flows with equal fingerprints may share one result. */
  readonly shareable: boolean;
}

/** 128 bits of a text's or file's SHA-256, in hex. */
export function digest(data: string | Uint8Array): string {
  return hash('sha256', data).slice(0, 32);
}

/** Characters. To hash so short a text once more, with all that makes up a key, takes less than a digest of its own. */
const LONGEST_AS_IT_IS = 63;

/** The form of a text in a fingerprint: itself (after a `=`) where it is short, else its digest. */
export function partOf(text: string): string {
  return text.length > LONGEST_AS_IT_IS || text.includes('\0') ? digest(text) : `=${text}`;
}

/** The fingerprint of a function: it may look at all that a flow has. */
export function wholeFlow(fixed: Fingerprint['static']): Fingerprint {
  return {
    static: fixed,
    labels: ['the inputs', 'the previous output', 'outputs of earlier steps'],
    dynamic: ({ id, output, outputs }) => [id, partOf(output), ...Object.values(outputs).map(partOf)],
    shareable: false,
  };
}

/**
 * A digest of JSON-like values, the same whatever the order of an object's fields. Null for values that JSON can't tell
 * apart (functions, Maps, instances of classes): whatever depends on them can't be recognised again.
 */
export function digestOfValue(value: unknown): string | null {
  try {
    return digest(JSON.stringify(value, canonical) ?? '');
  } catch {
    return null;
  }
}

function canonical(this: unknown, _name: string, value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError('not JSON');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('not JSON');
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
