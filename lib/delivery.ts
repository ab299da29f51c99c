import {
  concatMap,
  finalize,
  from,
  map,
  mergeMap,
  type Observable,
  type OperatorFunction,
  toArray,
} from 'rxjs';
import { compareBranches } from './branches.js';
import type { ResultRecord } from './record.js';
import type { Turns } from './turns.js';

/** Takes a record; the flow keeps its slot until this has settled. */
export type Deliver = (record: ResultRecord) => void | Promise<void>;

/** Hands each record over, one after the other, and emits it once it is delivered. */
export function delivered(deliver: Deliver | undefined): OperatorFunction<ResultRecord, ResultRecord> {
  if (!deliver) return (record$) => record$;
  return concatMap(async (record) => {
    await deliver(record);
    return record;
  });
}

/** The same, but flows wait for those before them, and branches leave in branch order. */
export function deliveredInOrder(
  position: number,
  turns: Turns,
  deliver: Deliver | undefined,
): OperatorFunction<ResultRecord, ResultRecord> {
  return (record$) =>
    record$.pipe(
      toArray(),
      mergeMap((records) => inTurn(records, position, turns)),
      delivered(deliver),
      finalize(() => turns.through(position)),
    );
}

function inTurn(records: ResultRecord[], position: number, turns: Turns): Observable<ResultRecord> {
  const sorted = records.sort((a, b) => compareBranches(a.branch ?? [], b.branch ?? []));
  return from(turns.wait(position)).pipe(
    map(() => sorted),
    mergeMap((records) => records),
  );
}
