/* A model's server for codex: each answer begins after `latency` milliseconds. Prints its port; ends with its stdin. */
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const { latency } = JSON.parse(process.argv[2]);
const usage = { input_tokens: 10, output_tokens: 2, total_tokens: 12 };
const text = 'done';
const item = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] };
const events = [
  { type: 'response.created', response: { id: 'r' } },
  { type: 'response.output_item.done', item },
  { type: 'response.completed', response: { id: 'r', usage } },
];

const server = createServer(async (request, response) => {
  request.resume();
  await delay(latency);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`);
  response.end();
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit()).resume();
