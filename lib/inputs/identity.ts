import { hash } from 'node:crypto';
import { resolve } from 'node:path';
import { messageOf, StepFailure } from '../errors.js';
import { type Flow, failed, type Input, type Place } from '../flow.js';
import type { Contents } from './contents.js';
import { type Entry, type Identity, type Key, token } from './key.js';
import type { Combination } from './product.js';

export interface IdentifyOptions {
  readonly keys: readonly Key[];
  readonly contents: Contents;
  /** Keys whose contents some step puts in; those of the others are hashed and let go. */
  readonly wanted: ReadonlySet<string>;
  /** The first step: where a flow fails whose content can't be read. */
  readonly place: Place | null;
}

/** Makes the flow of a combination; `now` is when it was admitted, milliseconds since the epoch. */
export type Identify = (combination: Combination, now: number) => Flow | Promise<Flow>;

/** Gives combinations their ids and inputs: at once when every hash is known, else later. Never rejects. */
export function identifier({ keys, contents, wanted, place }: IdentifyOptions): Identify {
  const order = byName(keys);
  const identify = (entry: Entry) =>
    entry.identity ?? identityOf(entry, contents, wanted.has(entry.key.name));
  const toFlow = ({ index, entries }: Combination, identities: readonly Identity[], now: number): Flow => {
    const flow = newFlow(flowId(identities, order), index, inputsOf(entries, identities), now);
    const failure = identities.find((identity) => identity.failure)?.failure;
    return failure ? failed(flow, failure, place) : flow;
  };
  return (combination, now) => {
    const identities = combination.entries.map(identify);
    return areReady(identities)
      ? toFlow(combination, identities, now)
      : Promise.all(identities).then((ready) => toFlow(combination, ready, now));
  };
}

/** The id is the same whatever the order in which the keys are named. */
function byName(keys: readonly Key[]): readonly number[] {
  const names = keys.map(({ name }) => name);
  return [...names.keys()].sort((a, b) => ((names[a] ?? '') < (names[b] ?? '') ? -1 : 1));
}

function flowId(identities: readonly Identity[], order: readonly number[]): string {
  let tokens = '';
  for (const place of order) tokens += identities[place]?.token;
  return hash('sha256', tokens).slice(0, 16);
}

function inputsOf(entries: readonly Entry[], identities: readonly Identity[]): Record<string, Input> {
  const inputs: Record<string, Input> = {};
  for (const [place, identity] of identities.entries()) {
    const entry = entries[place];
    if (entry) inputs[entry.key.name] = identity.input;
  }
  return inputs;
}

function newFlow(id: string, index: number, inputs: Record<string, Input>, now: number): Flow {
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

function areReady(identities: readonly (Identity | Promise<Identity>)[]): identities is readonly Identity[] {
  return identities.every((identity) => !(identity instanceof Promise));
}

function identityOf(entry: Entry, contents: Contents, wanted: boolean): Identity | Promise<Identity> {
  const path = entry.path ?? '';
  const remember = (sha256: string | null, failure: StepFailure | null = null): Identity => {
    const input = Object.freeze({ path: entry.path, sha256 });
    entry.identity ??= { input, token: token(entry.key.name, entry.path, sha256, entry.repeat), failure };
    return entry.identity;
  };
  const sha256 = contents.hash({ file: resolve(entry.key.base, path), path }, wanted);
  if (typeof sha256 === 'string') return remember(sha256);
  return sha256.then(remember, (error) => remember(null, asFailure(error)));
}

function asFailure(error: unknown): StepFailure {
  return error instanceof StepFailure ? error : new StepFailure('input', messageOf(error), { cause: error });
}
