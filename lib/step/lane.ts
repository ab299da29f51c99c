/** What a server tells of one of its limits with an answer. */
export interface LimitNews {
  /** Requests, or tokens, that it lets through in a period of its own. */
  readonly limit: number;
  readonly remaining: number;
  /** Until all of them are free again, milliseconds. */
  readonly resetMs: number;
}

/** What a call finds out of its lane; each part when it is known. */
export interface LaneNews {
  /** Of this call: an estimate before it is made, the count afterwards. */
  readonly tokens?: number;
  readonly requestLimit?: LimitNews;
  readonly tokenLimit?: LimitNews;
}

/** What steps use and the run shares out: steps whose lanes are equal share one, with its limits. */
export interface LaneId {
  /** The type of the steps, by which users set limits. */
  readonly type: string;
  /** The model, where each has limits of its own. */
  readonly model?: string;
  /** What tells lanes of one type and model apart: the server, the key. Never shown. */
  readonly resource?: string;
}
