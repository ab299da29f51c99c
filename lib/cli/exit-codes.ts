/** Exit codes of the process. */
export const ExitCode = {
  done: 0,
  flowsFailed: 1,
  misused: 2,
  limitReached: 3,
  fault: 70,
  interrupted: 130,
  stdoutClosed: 141,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

const PRECEDENCE: readonly ExitCode[] = [
  ExitCode.misused,
  ExitCode.fault,
  ExitCode.interrupted,
  ExitCode.stdoutClosed,
  ExitCode.limitReached,
  ExitCode.flowsFailed,
];

/** The one code for all that happened: the gravest. */
export function mergeExitCodes(codes: readonly ExitCode[]): ExitCode {
  return PRECEDENCE.find((code) => codes.includes(code)) ?? ExitCode.done;
}
