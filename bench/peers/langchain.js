/* LangChain.js: a `RunnableSequence` of three functions, `batch` with `maxConcurrency`. It keeps all outputs. */
import { RunnableLambda, RunnableSequence } from '@langchain/core/runnables';
import { tell } from '../programs/report.js';
import { newFlow, step } from '../programs/steps.js';

const { flows, parallel } = JSON.parse(process.argv[2]);

const steps = [step, step, step].map((each) => RunnableLambda.from(each));
const sequence = RunnableSequence.from(steps);
const inputs = Array.from({ length: flows }, (_, n) => newFlow(n));

const began = performance.now();
const outputs = await sequence.batch(inputs, { maxConcurrency: parallel });
tell({ flows: outputs.length, ms: performance.now() - began });
