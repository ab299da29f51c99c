/* The least that a loop can do: the same workers, but a flow is nothing but the text that travels. */
import { tell } from './report.js';

const { flows, parallel } = JSON.parse(process.argv[2]);
let next = 0;
let finished = 0;

async function append(text) {
  return `${text}a`;
}

async function worker() {
  while (next++ < flows) {
    let text = '';
    for (let n = 0; n < 3; n++) text = await append(text);
    finished++;
  }
}

const began = performance.now();
await Promise.all(Array.from({ length: parallel }, worker));
tell({ flows: finished, ms: performance.now() - began });
