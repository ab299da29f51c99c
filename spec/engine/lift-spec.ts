import assert from 'node:assert/strict';
import {
  catchError,
  concatMap,
  delay,
  EMPTY,
  filter,
  ignoreElements,
  lastValueFrom,
  map,
  mergeMap,
  NEVER,
  Observable,
  type OperatorFunction,
  of,
  pipe,
  retry,
  take,
  throwError,
  toArray,
} from 'rxjs';
import { pipeline } from '../../lib/engine/pipeline.js';
import { StepFailure } from '../../lib/errors.js';
import type { Flow } from '../../lib/flow/flow.js';
import { operator, step } from '../../lib/step/step.js';
import { newEngine, newFlow, send } from '../helpers/flows.js';

const three = operator(
  'three',
  mergeMap((flow: Flow) => of('a', 'b', 'c').pipe(map((output) => ({ ...flow, output })))),
);
const shout = map((flow: Flow) => ({ ...flow, output: `${flow.output}!` }));
const shouting = operator('shouting', shout);

function out(flows: readonly Flow[]): string[] {
  return flows.map(({ branch, output, status }) => `${branch.join('.')}:${output}:${status}`);
}

describe('lift', () => {
  const rows: [title: string, operate: OperatorFunction<Flow, Flow>, expected: string[]][] = [
    ['one for one', shout, [':hi!:live']],
    ['later', delay(2), [':hi:live']],
    [
      'several for one: the first continues, others are new branches',
      three.operator,
      [':a:live', '1:b:live', '2:c:live'],
    ],
    ['none for one: the branch is dropped', filter(() => false), [':hi:dropped']],
    ['none, never mind', ignoreElements(), [':hi:dropped']],
    ['less than all', pipe(three.operator, take(2)), [':a:live', '1:b:live']],
    [
      'an error it caught itself',
      pipe(
        mergeMap(() => throwError(() => 'x')),
        catchError(() => EMPTY),
      ),
      [':hi:dropped'],
    ],
  ];
  for (const [title, operate, expected] of rows) {
    it(`takes what an operator emits: ${title}`, async () => {
      const { flows, log } = await send([operator('op', operate)], newFlow({ output: 'hi' }));
      assert.deepEqual(out(flows), expected);
      assert.deepEqual(log, ['enter op', 'exit op']);
    });
  }

  it('shows an operator all the live branches of a flow, as one stream', async () => {
    const join = operator(
      'join',
      pipe(
        toArray(),
        concatMap((flows) => {
          const [first] = flows;
          return first ? of({ ...first, output: flows.map(({ output }) => output).join() }) : EMPTY;
        }),
      ),
    );
    const { flows, log } = await send([three, join]);
    assert.deepEqual(out(flows), [':a,b,c:live', '1:b:dropped', '2:c:dropped']);
    assert.equal(log.filter((line) => line.startsWith('enter join')).length, 3);
    assert.equal(log.filter((line) => line.startsWith('exit join')).length, 3);
  });

  it('gives new branches places that are unique over all steps', async () => {
    const { flows } = await send([three, operator('again', three.operator)]);
    const branches = flows.map(({ branch }) => branch.join('.'));
    assert.equal(new Set(branches).size, 9);
    assert.deepEqual(branches.slice(0, 3), ['', '0.1', '0.2']);
  });

  it('lets failed branches go round', async () => {
    const odd = step('odd', (flow) => {
      if (flow.output === 'b') throw new Error('no b');
      return flow.output;
    });
    const { flows, log } = await send([three, odd, operator('shout', shout)]);
    assert.deepEqual(out(flows).sort(), ['1:b:failed', '2:c!:live', ':a!:live']);
    assert.equal(log.filter((line) => line.startsWith('enter shout')).length, 2);
  });

  it('never applies an operator to a flow that failed before', async () => {
    let applied = 0;
    const spy = operator('spy', (flow$) => {
      applied++;
      return flow$;
    });
    await send([step('bad', () => Promise.reject(new Error('x'))), spy]);
    assert.equal(applied, 0);
  });

  it('replays the branches inside to a retry, and runs no earlier step again', async () => {
    let calls = 0;
    let tries = 0;
    const paid = step('paid', async () => `call ${++calls}`);
    const shaky = operator(
      'shaky',
      pipe(
        mergeMap((flow: Flow) => (++tries < 3 ? throwError(() => new Error('shaky')) : of(flow))),
        retry(5),
      ),
    );
    const { flows } = await send([paid, shaky]);
    assert.deepEqual(out(flows), [':call 1:live']);
    assert.equal(tries, 3);
  });

  const failures: [title: string, operate: OperatorFunction<Flow, Flow>, message: RegExp][] = [
    ['an error', mergeMap(() => throwError(() => new Error('boom'))), /operator "op" failed: boom/],
    [
      'a throw when it is applied',
      () => {
        throw new Error('boom');
      },
      /operator "op" failed: boom/,
    ],
    [
      'a function that isn’t an operator',
      () => JSON.parse('5'),
      /operator "op" returned 5; expected an Observable/,
    ],
    [
      'text',
      (flow$) => flow$.pipe(map(({ output }) => output as never)),
      /operator "op" emitted hi; expected a Flow/,
    ],
    ['null', (flow$) => flow$.pipe(map(() => null as never)), /expected a Flow/],
    [
      'a flow without its status',
      map(({ id, branch, output, steps }) => ({ id, branch, output, steps }) as never),
      /emitted an object that isn't a Flow/,
    ],
    [
      'a flow that it failed by hand',
      map((flow) => ({ ...flow, status: 'failed' as const })),
      /emitted an object that isn't a Flow/,
    ],
    ['another flow', map((flow) => ({ ...flow, id: 'other' })), /emitted an object that isn't a Flow/],
    [
      'a branch that it made up',
      map((flow) => ({ ...flow, branch: [7] })),
      /emitted an object that isn't a Flow/,
    ],
  ];
  for (const [title, operate, message] of failures) {
    it(`fails the branches inside: ${title}`, async () => {
      const { flows, log } = await send([operator('op', operate)], newFlow({ output: 'hi' }));
      assert.equal(flows.length, 1);
      assert.deepEqual(
        [flows[0]?.status, flows[0]?.error?.kind, flows[0]?.error?.step],
        ['failed', 'operator', 'op'],
      );
      assert.match(flows[0]?.error?.message ?? '', message);
      assert.deepEqual(log, ['enter op', 'exit op']);
    });
  }

  it('fails the flow when an operator breaks with nothing inside', async () => {
    const after = operator(
      'after',
      (flow$) =>
        new Observable((subscriber) => {
          flow$.subscribe({
            next: (flow) => subscriber.next(flow),
            complete: () => subscriber.error(new Error('late')),
          });
        }),
    );
    const { flows } = await send([after]);
    assert.deepEqual(out(flows), ['::live', '1::failed']);
  });

  it('lets the branches inside leave as cancelled when the run is', async () => {
    const stuck = operator(
      'stuck',
      mergeMap(() => NEVER),
    );
    const { runContext, log } = newEngine([stuck]);
    const flows: Flow[] = [];
    const done = new Promise<void>((complete) =>
      pipeline([stuck], runContext)(newFlow()).subscribe({ next: (flow) => flows.push(flow), complete }),
    );
    runContext.cancel(new StepFailure('cancelled', 'the budget is spent', { hint: 'raise it' }));
    await done;
    assert.deepEqual(out(flows), ['::cancelled']);
    assert.deepEqual(log, ['enter stuck', 'exit stuck']);
    assert.equal(flows[0]?.error?.message, 'the budget is spent');
    assert.equal(flows[0]?.error?.hint, 'raise it');
  });

  it('lets what comes after the run was cancelled leave with the reason', async () => {
    const { runContext } = newEngine([shouting]);
    runContext.cancel(new StepFailure('cancelled', 'the budget is spent'));
    const [late] = await lastValueFrom(pipeline([shouting], runContext)(newFlow()).pipe(toArray()));
    assert.equal(late?.status, 'cancelled');
    assert.equal(late?.error?.message, 'the budget is spent');
  });

  it('unsubscribes the operator and announces the exits when the consumer unsubscribes', () => {
    let closed = 0;
    const stuck = operator('stuck', () => new Observable((subscriber) => subscriber.add(() => closed++)));
    const { runContext, log } = newEngine([stuck]);
    pipeline([stuck], runContext)(newFlow()).subscribe().unsubscribe();
    assert.equal(closed, 1);
    assert.deepEqual(log, ['enter stuck', 'exit stuck']);
    assert.equal(runContext.inFlight.size, 0);
  });
});
