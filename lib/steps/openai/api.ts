import type { OpenAI } from 'openai';
import type { StepFailure } from '../../errors.js';
import type { StepFacts } from '../../flow/flow.js';

/** One call, as the config and the flow have it. */
export interface Question {
  readonly model: string;
  readonly instructions: string;
  readonly input: string;
  readonly schema: Readonly<Record<string, unknown>> | null;
  readonly request: Readonly<Record<string, unknown>>;
}

/** What a whole answer comes to. */
export interface Answer {
  readonly facts: Pick<StepFacts, 'usage' | 'toolCalls' | 'tier' | 'costUsd' | 'model'>;
  /** The text, or why there is none. */
  readonly outcome: string | StepFailure;
}

/** One of the two APIs that the step speaks. */
export interface Api {
  readonly name: string;
  ask(client: OpenAI, question: Question, signal: AbortSignal): Promise<Response>;
  /** Null where the body is no answer of this API. */
  read(body: unknown, question: Question): Answer | null;
}
