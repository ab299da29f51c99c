/* Effect: `Stream.mapEffect`, unordered; each step is an effect of its own. */
import { Effect, Stream } from 'effect';
import { tell } from '../programs/report.js';
import { newFlow, step } from '../programs/steps.js';

const { flows, parallel } = JSON.parse(process.argv[2]);
let finished = 0;

const stepEffect = (flow) => Effect.promise(() => step(flow));

const travel = (number) =>
  stepEffect(newFlow(number)).pipe(
    Effect.flatMap(stepEffect),
    Effect.flatMap(stepEffect),
    Effect.map(() => ++finished),
  );

const stream = Stream.range(0, flows - 1).pipe(
  Stream.mapEffect(travel, { concurrency: parallel, unordered: true }),
);

const began = performance.now();
await Effect.runPromise(Stream.runDrain(stream));
tell({ flows: finished, ms: performance.now() - began });
