/** Where the mean of all values is, as far as some of them tell. */
export interface SampleMean {
  readonly low: number;
  readonly expected: number;
  readonly high: number;
}

/** Student's t for a confidence of 95 %, by degrees of freedom from 1 up. */
const STUDENT = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23] as const;
const STUDENT_OF_MANY = 2.1;

/** Values are taken to be spread by at least this part of their mean: a few that are alike don't show that all are. */
const LEAST_SPREAD = 0.25;

/**
 * The mean of all values, from some of them: where it is with a confidence of 95 %. Never of zero width, unless the sample
 * is all there is. One value alone tells little: the mean is anywhere from 0 to twice of it.
 *
 * @param total how many values there are
 */
export function meanFrom(values: readonly number[], total: number): SampleMean {
  const expected = mean(values);
  const half = halfWidth(values, expected, total);
  return { low: expected - half, expected, high: expected + half };
}

/** How far the mean of all may be from that of the sample. */
function halfWidth(values: readonly number[], expected: number, total: number): number {
  const { length } = values;
  if (length >= total) return 0;
  if (length === 1) return Math.abs(expected);
  const squares = values.reduce((sum, value) => sum + (value - expected) ** 2, 0);
  const deviation = Math.sqrt(squares / (length - 1));
  const left = Math.sqrt(1 - length / total);
  const likely = (STUDENT[length - 2] ?? STUDENT_OF_MANY) * deviation;
  return (Math.max(likely, LEAST_SPREAD * Math.abs(expected)) / Math.sqrt(length)) * left;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
