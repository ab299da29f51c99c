import { meanFrom, type SampleMean } from './sample-mean.js';

/** The counted prompt of one call, and the input that it really sent. */
export interface SentInput {
  readonly prompt: number;
  readonly input: number;
}

/** The input of a call by the tokens of its own prompt. */
export type InputOf = (prompt: number) => SampleMean;

/** An explanation of the difference between counted and sent tokens. */
interface Explanation {
  readonly input: InputOf;
  /** How badly it fits the calls: the sum of squared errors. */
  readonly squares: number;
}

/** Two tokenizers count the same text within this factor. Any excess was added beside the prompt. */
const MOST_FACTOR = 2;
/** An explanation that fits so many times worse than the best is dropped. */
const CLEARLY_WORSE = 4;

/**
 * Estimates the input that calls send beyond their own prompts: the same to each (earlier outputs, what the API adds),
 * or in proportion (the model's tokenizer counts otherwise). The explanation that fits the calls better is expected;
 * the bounds hold for both, unless one fits clearly worse.
 *
 * @param calls at least one
 * @param total how many calls there are
 */
export function correctedInput(calls: readonly SentInput[], total: number): InputOf {
  const both = [added(calls, total), ...proportional(calls, total)].sort((a, b) => a.squares - b.squares);
  const least = both[0]?.squares ?? 0;
  const plausible = both.filter(({ squares }) => squares <= CLEARLY_WORSE * least);
  return (prompt) => {
    const each = plausible.map(({ input }) => input(prompt));
    return {
      low: Math.max(0, Math.min(...each.map(({ low }) => low))),
      expected: each[0]?.expected ?? prompt,
      high: Math.max(...each.map(({ high }) => high)),
    };
  };
}

function added(calls: readonly SentInput[], total: number): Explanation {
  const differences = calls.map(({ prompt, input }) => input - prompt);
  const { low, expected, high } = meanFrom(differences, total);
  return {
    input: (prompt) => ({ low: prompt + low, expected: prompt + expected, high: prompt + high }),
    squares: squaresOf(calls, (prompt) => prompt + expected),
  };
}

/** None where the factor can't be one of counting. */
function proportional(calls: readonly SentInput[], total: number): Explanation[] {
  const prompts = calls.reduce((sum, { prompt }) => sum + prompt, 0);
  const factor = calls.reduce((sum, { input }) => sum + input, 0) / prompts;
  if (!(factor >= 1 / MOST_FACTOR && factor <= MOST_FACTOR)) return [];
  const perCall = prompts / calls.length;
  // The errors of the single calls, as parts of a mean prompt, around the factor's distance from 1.
  const errors = calls.map(({ prompt, input }) => factor - 1 + (input - factor * prompt) / perCall);
  const more = meanFrom(errors, total);
  const longest = Math.max(...calls.map(({ prompt }) => prompt));
  return [
    {
      input: (prompt) => scaled(prompt, longest, more),
      squares: squaresOf(calls, (prompt) => factor * prompt),
    },
  ];
}

/**
 * A prompt longer than the longest measured one stays as counted, give or take twice the error of the measured ones:
 * its text may be of another kind.
 */
function scaled(prompt: number, longest: number, { low, expected, high }: SampleMean): SampleMean {
  const tried = Math.min(prompt, longest);
  const doubt = 2 * Math.max(Math.abs(low), Math.abs(high)) * (prompt - tried);
  return {
    low: prompt + tried * low - doubt,
    expected: prompt + tried * expected,
    high: prompt + tried * high + doubt,
  };
}

function squaresOf(calls: readonly SentInput[], expected: (prompt: number) => number): number {
  return calls.reduce((sum, { prompt, input }) => sum + (input - expected(prompt)) ** 2, 0);
}
