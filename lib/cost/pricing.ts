import { FAILURES, StepFailure } from '../errors.js';
import type { Billed, Flow, StepFacts } from '../flow/flow.js';
import type { Pricing } from '../step/step.js';
import type { Estimate } from './estimate.js';
import { costOf, type Price } from './price.js';

/** About how long the prompt for a flow is going to be, in characters. */
export type PromptSize = (flow: Flow) => number;

/** The parts of a pricing. */
export interface PricingOptions {
  /** Null where the price is unknown. */
  readonly price: () => Promise<Price | null>;
  readonly estimate: Estimate;
  readonly promptSize: PromptSize;
  /** The tier that is asked for, as records name it. */
  readonly tier: string;
  /** The embedded stand-in answers. */
  readonly isSimulated: boolean;
}

/** Characters a token, in prompts; a little less than usual, until the first calls tell more. */
const CHARACTERS = 3;

/** By list prices. The list takes a while to load: that is done while the first call is made. */
export class LazyPricing implements Pricing {
  readonly #options: PricingOptions;
  #loading: Promise<Price | null> | undefined;
  #price: Price | null = null;

  constructor(options: PricingOptions) {
    this.#options = options;
  }

  /** Resolves when the price is there, or there is none. */
  ready(): Promise<Price | null> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  expect(flow: Flow): Billed {
    return this.#options.estimate.expect(this.#promptTokens(flow), this.#price);
  }

  get isGuess(): boolean {
    return this.#options.estimate.isGuess;
  }

  get isSimulated(): boolean {
    return this.#options.isSimulated;
  }

  learn(flow: Flow, billed: Billed): void {
    this.#options.estimate.learn(this.#promptTokens(flow), billed);
  }

  /** Where another tier than the standard one was requested, only the answer tells which one it got. */
  costOf(billed: Billed): number | null {
    if (billed.tier === undefined && this.#options.tier !== 'standard') return null;
    return this.#price && costOf(billed, this.#price);
  }

  #promptTokens(flow: Flow): number {
    return this.#options.promptSize(flow) / CHARACTERS;
  }

  /** An unreadable price list must not fail a paid call. */
  async #load(): Promise<Price | null> {
    this.#price = await this.#options.price().catch(() => null);
    return this.#price;
  }
}

/**
 * The facts of one attempt, with its cost: as the step reports it, or priced by its tokens. Null where that is unknown:
 * a model without a price, a server that counts no tokens, a tool without a fee, a call that broke off.
 *
 * @param pricing of a step that asks a model
 * @param outcome a StepFailure where it failed
 */
export function charged(
  told: StepFacts,
  pricing: Pick<Pricing, 'costOf' | 'isSimulated'> | undefined,
  outcome: unknown,
): StepFacts {
  // Also of a call that failed before it could say so.
  const facts: StepFacts = pricing?.isSimulated ? { ...told, simulated: true } : told;
  const { usage, toolCalls, tier, costUsd } = facts;
  if (costUsd !== undefined || (!usage && !pricing)) return facts;
  // Spreads of objects of many shapes take six times as long: 1 % of a run (Node 20.20, 2026-11).
  if (usage) {
    const costUsd = pricing?.costOf(Object.assign({}, usage, { toolCalls, tier })) ?? null;
    return Object.assign({}, facts, { costUsd });
  }
  return { ...facts, costUsd: outcome instanceof StepFailure && isFree(outcome, facts) ? 0 : null };
}

/** It was never sent, or refused. An agent that was refused may have been answered before. */
function isFree({ kind, status = 0, cause }: StepFailure, { threadId }: StepFacts): boolean {
  return FAILURES[kind].free || (threadId === undefined && (status >= 400 || neverConnected(cause)));
}

const CONNECTION_FAILURES: readonly unknown[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_PROXY',
];

/** There was no connection to send it over. */
function neverConnected(cause: unknown): boolean {
  if (!(cause instanceof Error) || !('code' in cause)) return false;
  return CONNECTION_FAILURES.includes(cause.code) || ('syscall' in cause && cause.syscall === 'connect');
}
