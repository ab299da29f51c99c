import { resolve } from 'node:path';
import { messageOf, StepFailure } from '../errors.js';
import { type Flow, failed, type Input, type StepRef } from '../flow/flow.js';
import type { Contents } from './contents.js';
import { flowId } from './flow-id.js';
import { type Entry, entryDigest, type Identity, type Key } from './key.js';
import type { Combination } from './product.js';

export interface IdentifyOptions {
  readonly keys: readonly Key[];
  readonly contents: Contents;
  /** Keys whose contents some step inserts; those of the others are hashed and let go. */
  readonly wanted: ReadonlySet<string>;
  /** The first step: where a flow fails whose content can't be read. */
  readonly place: StepRef | null;
}

/** Makes the flow of a combination; `now` is when it was admitted, milliseconds since the epoch. */
export type Identify = (combination: Combination, now: number) => Flow | Promise<Flow>;

/** Gives combinations their ids and inputs: at once when every hash is known, else later. Never rejects. */
export function identifier({ keys, contents, wanted, place }: IdentifyOptions): Identify {
  const order = byName(keys);
  const toFlow = ({ index, entries }: Combination, identities: readonly Identity[], now: number): Flow => {
    const id = flowId(identities, order);
    const flow = newFlow(id, index, inputsOf(entries, identities), now);
    const failure = identities.find((identity) => identity.failure)?.failure;
    return failure ? failed(flow, failure, place) : flow;
  };
  const identify = async (entry: Entry) => identityOf(entry, contents, wanted.has(entry.key.name));
  return (combination, now) => {
    const known = identitiesOf(combination.entries);
    if (known) return toFlow(combination, known, now);
    return Promise.all(combination.entries.map(identify)).then((all) => toFlow(combination, all, now));
  };
}

/** Undefined when one of them isn't known yet. */
function identitiesOf(entries: readonly Entry[]): readonly Identity[] | undefined {
  const identities: Identity[] = [];
  for (const { identity } of entries) {
    if (!identity) return undefined;
    identities.push(identity);
  }
  return identities;
}

/** The id is the same whatever the order in which the keys are named. */
function byName(keys: readonly Key[]): readonly number[] {
  const names = keys.map(({ name }) => name);
  return [...names.keys()].sort((a, b) => ((names[a] ?? '') < (names[b] ?? '') ? -1 : 1));
}

function inputsOf(entries: readonly Entry[], identities: readonly Identity[]): Record<string, Input> {
  const inputs: Record<string, Input> = {};
  for (let place = 0; place < entries.length; place++) {
    const entry = entries[place];
    const identity = identities[place];
    if (entry && identity) inputs[entry.key.name] = identity.input;
  }
  return inputs;
}

/** A flow that is admitted at `now`. */
export function newFlow(id: string, index: number, inputs: Record<string, Input>, now: number): Flow {
  return {
    id,
    index,
    branch: [],
    inputs,
    output: '',
    status: 'live',
    steps: [],
    outputs: {},
    error: null,
    startedAt: now,
  };
}

async function identityOf(entry: Entry, contents: Contents, wanted: boolean): Promise<Identity> {
  if (entry.identity) return entry.identity;
  const path = entry.path ?? '';
  const remember = (sha256: string | null, failure: StepFailure | null = null): Identity => {
    const input = Object.freeze({ path: entry.path, sha256 });
    const digest = entryDigest(entry.key.name, entry.path, sha256, entry.repeat);
    entry.identity ??= { input, digest, failure };
    return entry.identity;
  };
  try {
    return remember(
      await contents.hash({ file: resolve(entry.key.base, path), path, key: entry.key.name }, wanted),
    );
  } catch (error) {
    return remember(null, asFailure(error));
  }
}

function asFailure(error: unknown): StepFailure {
  return error instanceof StepFailure ? error : new StepFailure('input', messageOf(error), { cause: error });
}
