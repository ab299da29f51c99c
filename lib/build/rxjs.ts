/**
 * The parts of rxjs that run here, file by file: `rxjs` as a whole is 230 files, 20 ms of every start. The build makes
 * a CommonJS module of this one (rxjs is CommonJS in Node: one way from here to there is quicker than 25) and puts it
 * wherever `rxjs` is imported: `#rxjs` in package.json. It is the same copy of rxjs that others import.
 */
export { lastValueFrom } from 'rxjs/internal/lastValueFrom';
export { Observable } from 'rxjs/internal/Observable';
export { concat } from 'rxjs/internal/observable/concat';
export { defer } from 'rxjs/internal/observable/defer';
export { EMPTY } from 'rxjs/internal/observable/empty';
export { from } from 'rxjs/internal/observable/from';
export { fromEvent } from 'rxjs/internal/observable/fromEvent';
export { interval } from 'rxjs/internal/observable/interval';
export { merge } from 'rxjs/internal/observable/merge';
export { NEVER } from 'rxjs/internal/observable/never';
export { of } from 'rxjs/internal/observable/of';
export { throwError } from 'rxjs/internal/observable/throwError';
export { filter } from 'rxjs/internal/operators/filter';
export { finalize } from 'rxjs/internal/operators/finalize';
export { ignoreElements } from 'rxjs/internal/operators/ignoreElements';
export { map } from 'rxjs/internal/operators/map';
export { mergeMap } from 'rxjs/internal/operators/mergeMap';
export { scan } from 'rxjs/internal/operators/scan';
export { startWith } from 'rxjs/internal/operators/startWith';
export { takeUntil } from 'rxjs/internal/operators/takeUntil';
export { tap } from 'rxjs/internal/operators/tap';
export { toArray } from 'rxjs/internal/operators/toArray';
export { Subject } from 'rxjs/internal/Subject';
export { asyncScheduler } from 'rxjs/internal/scheduler/async';
export { pipe } from 'rxjs/internal/util/pipe';
