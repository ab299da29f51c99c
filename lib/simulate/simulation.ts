import type { Usage } from '../flow/flow.js';

/** The only input of a simulated answer: neither order nor time matters. */
export interface SimulatedRequest {
  readonly model: string | null;
  readonly instructions: string | null;
  readonly input: string;
  /** JSON Schema that the answer has to fit, or null. */
  readonly schema: unknown;
}

/** The embedded stand-in for the model. */
export interface Simulation {
  /** Where the `openai` client finds it: a loopback server, `http://127.0.0.1:PORT/v1`. */
  readonly baseUrl: string;
  /** Answers after the configured latency. Rejects with a `server` StepFailure at the configured rate. */
  answer(request: SimulatedRequest, signal: AbortSignal): Promise<{ text: string; usage: Usage }>;
  close(): Promise<void>;
}

export interface SimulationOptions {
  /** Delay before each answer, milliseconds. Default: 0. */
  readonly latency?: number | undefined;
  /** Share of the requests that fail, 0 to 1; which ones is a function of the request. Default: 0. */
  readonly fail?: number | undefined;
}
