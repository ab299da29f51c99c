/*
 * A model's server in a process of its own: the Responses API, keep-alive, the same answer after `latency`
 * milliseconds. Prints its port, and ends with its stdin.
 */
import { createServer } from 'node:http';

const { latency } = JSON.parse(process.argv[2]);

const ANSWER = JSON.stringify({
  id: 'resp_1',
  object: 'response',
  created_at: 1_790_000_000,
  status: 'completed',
  model: 'gpt-6-luna',
  output: [
    {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'An answer of one short sentence.', annotations: [] }],
    },
  ],
  usage: {
    input_tokens: 10,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 7,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 17,
  },
});
const HEADERS = { 'content-type': 'application/json', 'content-length': ANSWER.length };

function answer(response) {
  response.writeHead(200, HEADERS);
  response.end(ANSWER);
}

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => (latency > 0 ? setTimeout(answer, latency, response) : answer(response)));
});
server.keepAliveTimeout = 60_000;
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(server.address().port));
process.stdin.resume().on('end', () => process.exit());
