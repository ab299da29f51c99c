import assert from 'node:assert/strict';
import { ExitCode, mergeExitCodes } from '../../lib/cli/exit-codes.js';

describe('mergeExitCodes', () => {
  const rows: [given: number, ExitCode[]][] = [
    [0, []],
    [0, [ExitCode.done]],
    [1, [ExitCode.done, ExitCode.flowsFailed]],
    [3, [ExitCode.flowsFailed, ExitCode.limitReached]],
    [141, [ExitCode.limitReached, ExitCode.flowsFailed, ExitCode.stdoutClosed]],
    [130, [ExitCode.stdoutClosed, ExitCode.flowsFailed, ExitCode.interrupted]],
    [70, [ExitCode.interrupted, ExitCode.fault, ExitCode.stdoutClosed]],
  ];
  for (const [expected, codes] of rows) {
    it(`makes ${expected} of ${codes.join(', ') || 'nothing'}`, () => {
      assert.equal(mergeExitCodes(codes), expected);
      assert.equal(mergeExitCodes(codes.toReversed()), expected);
    });
  }
});
