/** One limit of a server, as an answer announces it. */
export interface LimitNews {
  /** Requests, or tokens, that it lets through in a period of its own. */
  readonly limit: number;
  readonly remaining: number;
  /** Until all of them are free again, milliseconds. */
  readonly resetMs: number;
}

/** News of a call about its lane; each part when it is known. */
export interface LaneNews {
  /** Of this call: an estimate before it is made, the count afterwards. */
  readonly tokens?: number;
  readonly requestLimit?: LimitNews;
  readonly tokenLimit?: LimitNews;
}

/** The resource that steps use and the run shares out: steps with equal lanes share one, with its limits. */
export interface LaneId {
  /** The type of the steps, by which users set limits. */
  readonly type: string;
  /** The model, where each has limits of its own. */
  readonly model?: string;
  /** Distinguishes lanes of one type and model: the server, the key. Never shown. */
  readonly resource?: string;
}
