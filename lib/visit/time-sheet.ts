import {
  IDENTITY,
  type StepFacts,
  type StepIdentity,
  type StepRecord,
  type StepRef,
  type StepStatus,
  type ToolCalls,
} from '../flow/flow.js';
import { addUsage } from '../flow/usage.js';
import { sumUsd } from '../util/dollars.js';
import { isoTime } from '../util/iso-time.js';

type Draft = { -readonly [F in keyof StepRecord]: StepRecord[F] };

/** The times of a flow's stay at a step, and the facts that the step reports. `now`: milliseconds since the epoch. */
export class TimeSheet {
  #attempts = 0;
  #facts: StepFacts = NO_FACTS;
  /** When the first attempt began; 0 before. */
  #startedAt = 0;
  #triesSince = 0;
  #waitsSince = 0;
  #workMs = 0;
  #waitedMs = 0;

  /** It waits until `goesOn`. */
  waits(now: number): void {
    this.#waitsSince = now;
  }

  goesOn(now: number): void {
    this.#waitedMs += Math.max(0, now - this.#waitsSince);
  }

  /** Returns which attempt it is, from 1. */
  tries(now: number): number {
    this.#startedAt ||= now;
    this.#triesSince = now;
    return ++this.#attempts;
  }

  /** The attempt has ended; for `stillMs` of its time it waited for something that isn't its own to do. */
  tried(now: number, stillMs: number): void {
    this.#workMs += Math.max(0, now - this.#triesSince - stillMs);
    this.#waitedMs += stillMs;
  }

  /** Adds the facts of an attempt. */
  add(facts: StepFacts): void {
    this.#facts = mergeFacts(this.#facts, facts);
  }

  /** @param identity under which the result is kept */
  record({ name, type }: StepRef, status: StepStatus, now: number, identity?: StepIdentity): StepRecord {
    const startedAt = isoTime(this.#startedAt || now);
    const record: Draft = { name, type, status, startedAt, ms: this.#workMs, attempts: this.#attempts };
    if (this.#waitedMs > 0) record.waitedMs = this.#waitedMs;
    putFacts(this.#facts, record);
    if (identity) record[IDENTITY] = identity;
    return record;
  }
}

type FactsDraft = { -readonly [F in keyof StepFacts]: StepFacts[F] };

/** Of a step that has reported nothing. */
export const NO_FACTS: StepFacts = {};

const ORDER = [
  'usage',
  'toolCalls',
  'tier',
  'costUsd',
  'model',
  'requestId',
  'threadId',
  'commands',
  'commandsCutOff',
  'filesChanged',
  'path',
  'folder',
  'patch',
  'changes',
  'ignored',
  'worktree',
  'simulated',
] as const satisfies readonly (keyof StepFacts)[];

/** The facts of several attempts as one: the last one's, with all the tokens and their costs (all were paid for). */
export function mergeFacts(earlier: StepFacts, later: StepFacts): StepFacts {
  const { usage, toolCalls, costUsd } = earlier;
  const { costUsd: more = 0 } = later;
  if (!usage && costUsd === undefined) return later;
  return {
    ...later,
    ...(usage && { usage: later.usage ? addUsage(usage, later.usage) : usage }),
    ...(toolCalls && { toolCalls: addCalls(toolCalls, later.toolCalls) }),
    ...(costUsd !== undefined && { costUsd: sumUsd([costUsd, more]) }),
  };
}

function addCalls(a: ToolCalls, b: ToolCalls = {}): ToolCalls {
  const sums = Object.entries(b).map(([tool, calls]) => [tool, (a[tool] ?? 0) + calls]);
  return { ...a, ...Object.fromEntries(sums) };
}

/** Steps tell facts as they come to know them; records have them in one order. Put in, since spreads take ten times as long. */
export function putFacts(facts: StepFacts, record: FactsDraft): void {
  if (facts === NO_FACTS) return;
  for (const fact of ORDER) copy(fact, facts, record);
}

function copy<F extends keyof StepFacts>(fact: F, from: StepFacts, to: FactsDraft): void {
  const told = from[fact];
  if (told !== undefined) to[fact] = told;
}
