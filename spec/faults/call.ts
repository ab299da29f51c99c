/** A call to a model, or to a module, as the one that was called saw it. */
export interface Call {
  /** The key that was sent: who made it. */
  readonly caller: string;
  readonly model: string;
  readonly input: string;
  /** When its result was there (`now`); only the module knows, a model's answer is still on its way. */
  readonly doneAt: number | null;
}

/** Milliseconds since the epoch, the same in all processes of this machine. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
