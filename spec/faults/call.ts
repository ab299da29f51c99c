/** A call to a model, or to a module, as the one that was called saw it. */
export interface Call {
  /** The key that was sent: who made it. */
  readonly caller: string;
  readonly model: string;
  readonly input: string;
}
