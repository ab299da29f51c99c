import type { StepIdentity, Store, StoredFlow, StoredStep } from '../../lib/store/contract.js';

/** A store that forgets when the process ends. */
export class MemoryStore implements Store {
  readonly steps = new Map<string, StoredStep>();
  readonly flows: StoredFlow[] = [];
  readonly failed: Promise<never>;
  wasDone: Store['wasDone'];
  ready: Store['ready'] = () => null;
  ended: object | undefined;
  #fail: (error: Error) => void = () => {};

  constructor() {
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
  }

  /** From now on it can't keep anything. */
  break(error: Error): void {
    this.#fail(error);
  }

  find(identity: StepIdentity): StoredStep | null {
    return this.steps.get(nameOf(identity)) ?? null;
  }

  saveStep(step: StoredStep): void {
    this.steps.set(nameOf(step), step);
  }

  saveFlow(flow: StoredFlow): void {
    this.flows.push(flow);
  }

  async close(end: object): Promise<void> {
    this.ended = end;
  }
}

function nameOf({ flow, branch, occurrence, key }: StepIdentity): string {
  return JSON.stringify([flow, branch, occurrence, key]);
}
