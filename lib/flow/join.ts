import { EMPTY, map, mergeMap, type OperatorFunction, of, pipe, toArray } from 'rxjs';
import { compareBranches } from './branches.js';
import type { Flow } from './flow.js';

/**
 * Brings the live branches of a flow together, in order: the first of them goes on, with the outputs of all.
 * Its record has the steps of all of them, so their tokens add up.
 *
 * @param combine the separator of two outputs, or a function that makes one text of them all. Default: a newline
 */
export function join(combine: string | ((outputs: string[]) => string) = '\n'): OperatorFunction<Flow, Flow> {
  const toText = typeof combine === 'string' ? (outputs: string[]) => outputs.join(combine) : combine;
  return pipe(
    toArray(),
    map((flows) => flows.sort((a, b) => compareBranches(a.branch, b.branch))),
    mergeMap((flows) => {
      const [first] = flows;
      return first ? of({ ...first, ...united(flows, toText) }) : EMPTY;
    }),
  );
}

/** Steps that the branches have in common are the same objects. */
function united(
  flows: readonly Flow[],
  toText: (outputs: string[]) => string,
): Pick<Flow, 'output' | 'steps'> {
  return {
    output: toText(flows.map(({ output }) => output)),
    steps: [...new Set(flows.flatMap(({ steps }) => steps))],
  };
}
