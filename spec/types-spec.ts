import { delay, map, type Observable, type OperatorFunction } from 'rxjs';
import * as z from 'zod';
import {
  defineStep,
  type Flow,
  operator,
  type ResultRecord,
  type RunEvent,
  type RunOptions,
  run,
  type Step,
  step,
} from '../lib/index.js';

/* Compiled, never run: `tsc` fails where an expected error is none, or an unexpected one is. */

function accepted(): void {
  const options: RunOptions = {
    steps: [
      { type: 'openai', prompt: 'Review {{{doc}}}' },
      step('score', async (flow, { signal, attempt, read }) => {
        signal.throwIfAborted();
        return `${flow.output.length} ${attempt} ${await read('doc')}`;
      }),
      step('quick', (flow) => flow.output, { timeout: 5, retries: 2, parallel: 3 }),
      operator('calm', (flow$) => flow$.pipe(delay(10))),
      delay(10),
      map((flow: Flow) => ({ ...flow, output: 'x' })),
    ],
    keys: { doc: ['a.md', 'b.md'], n: { values: new Set(['1', '2']) }, list: { list: 'paths.txt' } },
    parallel: 10,
    deliver: async (record) => void record.output,
    simulate: { latency: 5 },
  };
  const { results$, events$ } = run(options);
  const results: Observable<ResultRecord> = results$;
  const events: Observable<RunEvent> = events$;
  void [results, events];
}

function custom(): void {
  const score = defineStep({
    type: 'score',
    options: z.object({ atLeast: z.number() }),
    run: (flow, _, { atLeast }) => String(flow.output.length >= atLeast.valueOf()),
  });
  const made: Step = score({ atLeast: 3 }, { name: 'strict', retries: 1 });
  // @ts-expect-error a number is needed
  score({ atLeast: 'x' });
  // @ts-expect-error options are needed
  score();
  const trim = defineStep({ type: 'trim', run: (flow, { attempt }) => `${flow.output.trim()}${attempt}` });
  trim();
  trim(undefined, { name: 'tidy' });
  // @ts-expect-error it takes none
  trim({ atLeast: 3 });
  const cut = defineStep({
    type: 'cut',
    options: z.object({ most: z.number().default(80), mark: z.string().transform((text) => text.length) }),
    run: (flow, _, { most, mark }) => flow.output.slice(0, most.valueOf() - mark.valueOf()),
  });
  cut({ mark: '…' });
  cut({ most: 5, mark: '…' });
  // @ts-expect-error it takes the text, not what the schema makes of it
  cut({ mark: 1 });
  const eased = defineStep({
    type: 'eased',
    options: z.object({ most: z.number().default(80) }),
    run: (flow, _, { most }) => flow.output.slice(0, most.valueOf()),
  });
  eased();
  eased({}, { retries: 1 });
  // @ts-expect-error without a schema nothing is known of options
  defineStep({ type: 'x', run: (_flow, _context, options: { a: number }) => `${options.a}` });
  void made;
}

function refused(flow: Flow): void {
  // @ts-expect-error a flow is readonly
  flow.output = 'x';
  // @ts-expect-error a step answers with text
  step('count', () => 5);
  const text = map((flow: Flow) => flow.output);
  // @ts-expect-error flows go in, flows come out
  operator('text', text);
  // @ts-expect-error no step
  run({ steps: [5] });
  // @ts-expect-error a config has a type
  run({ steps: [{ prompt: 'x' }] });
  // @ts-expect-error a whole number, not text
  run({ steps: [], parallel: '4' });
  // @ts-expect-error values are strings
  run({ steps: [], keys: { n: { values: [1, 2] } } });
  const operate: OperatorFunction<Flow, Flow> = (flow$) => flow$;
  void operate;
}

describe('types of the library', () => {
  it('are checked by the compiler', () => {
    void [accepted, custom, refused];
  });
});
