import { StepFailure } from '../../errors.js';
import { quote } from '../quote.js';
import { endingOf } from './finish-reason.js';

/**
 * Why an answer that ended for this reason is none; null where it is complete, or a tool call.
 *
 * @param limit the parameter of the API that bounds an answer
 * @param error what the server says beside the reason
 */
export function endFailure(
  reason: string | null | undefined,
  limit: string,
  error?: string | null,
): StepFailure | null {
  const word = quote(reason ?? '');
  switch (endingOf(reason)) {
    case 'cut off':
      return tooLong(limit);
    case 'filtered':
      return new StepFailure('refused', `the content filter stopped the answer (${word})`);
    case 'broken off':
      return new StepFailure('server', `the server broke the answer off (${error ? quote(error) : word})`, {
        retryable: true,
      });
    case 'unknown':
      return new StepFailure(
        'bad_output',
        `the answer ended for an unknown reason (${word}): it may be cut off`,
        {
          retryable: 'once',
        },
      );
    default:
      return null;
  }
}

/** Another try would be cut off as well. */
function tooLong(limit: string): StepFailure {
  return new StepFailure('bad_output', 'the answer was cut off at the output token limit', {
    hint: `Raise \`${limit}\` in \`request\`, or ask for less.`,
  });
}

/** Some models give an empty answer now and then. */
export function emptyAnswer(): StepFailure {
  return new StepFailure('bad_output', 'the answer is empty', { retryable: true });
}

export function toolCall(): StepFailure {
  return new StepFailure('bad_output', 'the model called a tool instead of answering', {
    hint: 'An openai step runs no tools of yours: leave them out of `request`.',
  });
}
