import {
  IDENTITY,
  type Place,
  type StepFacts,
  type StepIdentity,
  type StepRecord,
  type StepStatus,
} from '../flow/flow.js';
import { isoTime } from '../util/iso-time.js';
import { mergeFacts, NO_FACTS, putFacts } from './facts.js';

type Draft = { -readonly [F in keyof StepRecord]: StepRecord[F] };

/** What a flow's stay at a step takes, and what the step tells meanwhile. `now`: milliseconds since the epoch. */
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

  /** What an attempt has told. */
  add(facts: StepFacts): void {
    this.#facts = mergeFacts(this.#facts, facts);
  }

  /** @param identity under which the result is kept */
  record({ name, type }: Place, status: StepStatus, now: number, identity?: StepIdentity): StepRecord {
    const startedAt = isoTime(this.#startedAt || now);
    const record: Draft = { name, type, status, startedAt, ms: this.#workMs, attempts: this.#attempts };
    if (this.#waitedMs > 0) record.waitedMs = this.#waitedMs;
    putFacts(this.#facts, record);
    if (identity) record[IDENTITY] = identity;
    return record;
  }
}
