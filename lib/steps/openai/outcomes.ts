import { StepFailure } from '../../errors.js';

/** The answer was cut off; another try would be as well. */
export function tooLong(parameter: string): StepFailure {
  return new StepFailure('bad_output', 'the answer is incomplete: it came to the limit of its length', {
    hint: `Raise \`${parameter}\` in \`request\`, or ask for less.`,
  });
}

export function emptyAnswer(): StepFailure {
  return new StepFailure('bad_output', 'the answer is empty');
}

export function toolCall(): StepFailure {
  return new StepFailure('bad_output', 'the model called a tool instead of answering', {
    hint: 'An openai step runs no tools of yours: leave them out of `request`.',
  });
}
