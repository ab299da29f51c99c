import assert from 'node:assert/strict';
import { eventIn } from '../../../../lib/steps/codex/turn/event.js';
import { Turn } from '../../../../lib/steps/codex/turn/turn.js';

function turnOf(...events: readonly (object | string)[]): Turn {
  const turn = new Turn();
  for (const told of events) {
    const event = eventIn(typeof told === 'string' ? told : JSON.stringify(told));
    if (event) turn.see(event);
  }
  return turn;
}

const done = (item: object) => ({ type: 'item.completed', item: { id: 'item_0', ...item } });
const changed = (...paths: string[]) =>
  done({
    type: 'file_change',
    changes: paths.map((path) => ({ path, kind: 'update' })),
    status: 'completed',
  });

describe('the events of a codex run', () => {
  it('tell the thread', () => {
    assert.equal(turnOf({ type: 'thread.started', thread_id: 'abc' }).threadId, 'abc');
    assert.equal(turnOf().threadId, undefined);
  });

  it('tell all five counters', () => {
    const usage = {
      input_tokens: 5,
      cached_input_tokens: 4,
      cache_write_input_tokens: 3,
      output_tokens: 2,
      reasoning_output_tokens: 1,
    };
    assert.deepEqual(turnOf({ type: 'turn.completed', usage }).usage, {
      inputTokens: 5,
      cachedInputTokens: 4,
      cacheWriteInputTokens: 3,
      outputTokens: 2,
      reasoningTokens: 1,
    });
  });

  it('count what older versions leave out as 0, but for writes to the cache', () => {
    const expected = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };
    assert.deepEqual(turnOf({ type: 'turn.completed', usage: { input_tokens: 1 } }).usage, expected);
  });

  it('leave the usage unknown where a count is none that a call can have', () => {
    for (const input_tokens of [1e308, -1, 0.5, 'many']) {
      assert.equal(
        turnOf({ type: 'turn.completed', usage: { input_tokens, output_tokens: 1 } }).usage,
        undefined,
      );
    }
  });

  it('count the commands that were run, however they ended', () => {
    const ran = (status: string, exit_code: number | null) =>
      done({ type: 'command_execution', command: 'ls', aggregated_output: '', exit_code, status });
    const started = {
      type: 'item.started',
      item: { id: 'item_0', type: 'command_execution', command: 'ls' },
    };
    assert.equal(turnOf(started, ran('completed', 0), started, ran('failed', 3)).commands, 2);
    assert.equal(turnOf(ran('declined', null)).commands, 0);
  });

  it('tell which commands were begun and have not ended', () => {
    const command = (type: string, id: string) => ({
      type: `item.${type}`,
      item: { type: 'command_execution', id, command: `run ${id}`, exit_code: type === 'started' ? null : 0 },
    });
    const [a, b] = [command('started', 'a'), command('started', 'b')];
    assert.deepEqual(turnOf(a, b, command('completed', 'a')).running, ['run b']);
    assert.deepEqual(turnOf(a, command('completed', 'a')).running, []);
  });

  it('tell of some versions that a command still runs by an end without an exit code', () => {
    const item = { type: 'command_execution', id: 'a', command: 'run a', exit_code: null };
    const started = { type: 'item.started', item: { ...item, status: 'in_progress' } };
    const turn = turnOf(started, done({ ...item, status: 'completed' }));
    assert.deepEqual([turn.running, turn.commands], [['run a'], 1]);
    const declined = turnOf(started, done({ ...item, status: 'declined' }));
    assert.deepEqual([declined.running, declined.commands], [[], 0]);
  });

  it('count the files that were changed, each once', () => {
    assert.equal(turnOf(changed('/a', '/b'), changed('/a'), changed('/c')).filesChanged, 3);
    const failed = done({ type: 'file_change', changes: [{ path: '/a', kind: 'add' }], status: 'failed' });
    assert.equal(turnOf(failed).filesChanged, 0);
  });

  it('are counted within bounds', () => {
    const paths = Array.from({ length: 10_100 }, (_, index) => `/file${index}`);
    assert.equal(turnOf(changed(...paths)).filesChanged, 10_000);
  });

  it('may be mixed with lines that are none, and with ones of later versions', () => {
    const lines = ['', 'WARNING', '3', 'null', '{"type":3}', '{"type":"new.one"}', done({ type: 'new' })];
    assert.equal(turnOf(...lines, '{"type":"turn.failed"}').failure, 'the turn failed');
  });

  it('are taken as far as they are well formed', () => {
    const odd = turnOf({ type: 'turn.completed', usage: 'none' }, done({ type: 'file_change', changes: 3 }));
    assert.deepEqual([odd.completed, odd.usage, odd.filesChanged], [true, undefined, 0]);
  });
});
