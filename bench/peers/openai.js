/* The bare `openai` client, as it comes: workers over a shared counter, two calls a flow, nothing kept. */
import OpenAI from 'openai';
import { tell } from '../programs/report.js';

const { flows, parallel } = JSON.parse(process.argv[2]);
const client = new OpenAI();
let next = 0;
let finished = 0;

async function ask(input) {
  const { output_text } = await client.responses.create({ model: 'gpt-6-luna', input });
  return output_text;
}

async function worker() {
  while (next++ < flows) {
    const draft = await ask(`Review value ${next} by rule ${next}.`);
    await ask(`Summarise.\n${draft}`);
    finished++;
  }
}

await Promise.all(Array.from({ length: parallel }, worker));
tell({ flows: finished });
