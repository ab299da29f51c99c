import assert from 'node:assert/strict';
import { EMPTY, lastValueFrom } from 'rxjs';
import {
  operator,
  type RunEvent,
  type RunOptions,
  run,
  type StepContext,
  type StepRecord,
  step,
} from '../../lib/index.js';

const USAGE = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 2, reasoningTokens: 0 };

/** A record with each exit; null where there is none. */
async function exits(options: RunOptions): Promise<(StepRecord | null)[]> {
  const { results$, events$ } = run(options);
  const events: RunEvent[] = [];
  events$.subscribe((event) => events.push(event));
  await lastValueFrom(results$);
  return events.flatMap((event) => (event.type === 'exit' ? [event.record ?? null] : []));
}

function list(output: string) {
  const run = (_: unknown, { tell }: StepContext) => {
    tell({ usage: USAGE });
    return output;
  };
  return step('list', run, { array: true });
}

describe('events: an exit', () => {
  it('tells how the step went, each work once', async () => {
    const records = await exits({ steps: [list('["a","b"]'), step('shout', ({ output }) => `${output}!`)] });
    assert.deepEqual(
      records.map((record) => [record?.name, record?.status, record?.usage?.inputTokens]),
      [
        ['list', 'done', 1],
        ['shout', 'done', undefined],
        ['shout', 'done', undefined],
      ],
    );
  });

  it('tells it of what leaves no branch, too', async () => {
    const [record] = await exits({ steps: [list('[]')] });
    assert.equal(record?.usage?.outputTokens, 2);
  });

  it('tells it of operators and of what fails', async () => {
    const failing = step('fail', () => {
      throw new Error('no');
    });
    const records = await exits({ steps: [operator('same', (flow$) => flow$), failing] });
    assert.deepEqual(
      records.map((record) => record?.status),
      ['done', 'failed'],
    );
  });

  it('tells nothing of what an operator drops', async () => {
    assert.deepEqual(await exits({ steps: [operator('none', () => EMPTY)] }), [null]);
  });
});
