/** The work of a step, the same for all sides: asynchronous, and nothing to do. */
export async function work(flow) {
  return `${flow.output}a`;
}

/** A flow as one would make it by hand: the `n`-th combination of two lists of 1,000. */
export function newFlow(n) {
  return { index: n, inputs: { a: Math.trunc(n / 1000), b: n % 1000 }, output: '' };
}

/** A step of those sides that have no flows of their own: a new flow with the output. */
export async function step(flow) {
  return { ...flow, output: await work(flow) };
}
