import Queue from 'yocto-queue';

/** A place in the gate's queue. */
export interface Ticket {
  /** Gives the place up. False when its turn has come already: then the gate was entered. */
  leave(): boolean;
}

interface Waiter {
  readonly number: number;
  readonly admit: () => void;
  state: 'waiting' | 'admitted' | 'gone';
}

interface Lane {
  readonly cap: number;
  readonly waiting: Queue<Waiter>;
  active: number;
}

/**
 * Who may execute now. All executions of all steps pass this one gate, first come first served: at most
 * `capacity` at once, and at most its own cap in each step. One whose step is full lets others by.
 */
export class Gate {
  readonly #lanes: readonly Lane[];
  readonly #capacity: number;
  #active = 0;
  #tickets = 0;
  #admitting = false;

  /** @param caps the cap of each step, by position; undefined: no cap of its own */
  constructor(capacity: number, caps: readonly (number | undefined)[]) {
    this.#capacity = capacity;
    this.#lanes = caps.map((cap = capacity) => ({ cap, waiting: new Queue(), active: 0 }));
  }

  /** Enters if nobody has to wait. Each entry, by this or by a ticket's turn, needs one `leave`. */
  tryEnter(step: number): boolean {
    const lane = this.#lane(step);
    if (this.#active >= this.#capacity || lane.active >= lane.cap) return false;
    this.#enter(lane);
    return true;
  }

  /** Queues for a step that `tryEnter` refused; `admit` is called once it has entered. */
  queue(step: number, admit: () => void): Ticket {
    const waiter: Waiter = { number: this.#tickets++, admit, state: 'waiting' };
    this.#lane(step).waiting.enqueue(waiter);
    return {
      leave: () => {
        if (waiter.state === 'waiting') waiter.state = 'gone';
        return waiter.state === 'gone';
      },
    };
  }

  leave(step: number): void {
    this.#active--;
    this.#lane(step).active--;
    this.#admit();
  }

  /** A loop, not a recursion: work that ends at once leaves while it is being admitted. */
  #admit(): void {
    if (this.#admitting) return;
    this.#admitting = true;
    try {
      while (this.#admitNext());
    } finally {
      this.#admitting = false;
    }
  }

  #admitNext(): boolean {
    const lane = this.#active < this.#capacity ? this.#longestWaiting() : undefined;
    const waiter = lane?.waiting.dequeue();
    if (!lane || !waiter) return false;
    this.#enter(lane);
    waiter.state = 'admitted';
    waiter.admit();
    return true;
  }

  #longestWaiting(): Lane | undefined {
    let found: Lane | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes) {
      if (lane.active >= lane.cap) continue;
      const first = firstPresent(lane.waiting);
      if (first === undefined || first.number >= lowest) continue;
      found = lane;
      lowest = first.number;
    }
    return found;
  }

  #enter(lane: Lane): void {
    this.#active++;
    lane.active++;
  }

  #lane(step: number): Lane {
    const lane = this.#lanes[step];
    if (!lane) throw new RangeError(`The gate has no step ${step}`);
    return lane;
  }
}

/** The first who still waits; those who left are dropped on the way. */
function firstPresent(waiting: Queue<Waiter>): Waiter | undefined {
  while (waiting.peek()?.state === 'gone') waiting.dequeue();
  return waiting.peek();
}
