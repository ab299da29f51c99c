import { messageOf } from '../../../errors.js';
import type { Usage } from '../../../flow/flow.js';
import type { Simulation } from '../../../simulate/simulation.js';
import { sentSchema } from '../../answer-schema.js';
import { writeMessage, writeNew } from '../files.js';
import { hear, type Job } from './call.js';
import type { CodexEnd } from './verdict.js';

/** The request to a simulated codex. */
export interface Question {
  readonly simulation: Simulation;
  readonly model: string | undefined;
  readonly schema: Record<string, unknown> | undefined;
}

/** Stands in for codex: the simulator answers, and the same files are left with events of the same shapes. */
export async function simulateCodex(question: Question, job: Job): Promise<CodexEnd> {
  const { simulation, model = 'codex', schema } = question;
  const { prompt, files, signal } = job;
  const events: object[] = [{ type: 'thread.started', thread_id: 'simulated' }, { type: 'turn.started' }];
  try {
    const request = { model, instructions: null, input: prompt, schema: schema ? sentSchema(schema) : null };
    const { text, usage } = await simulation.answer(request, signal);
    await writeMessage(files, text);
    events.push({ type: 'item.completed', item: { id: 'item_0', type: 'agent_message', text } });
    events.push({ type: 'turn.completed', usage: countsOf(usage) });
  } catch (error) {
    events.push({ type: 'turn.failed', error: { message: messageOf(error) } });
    throw error;
  } finally {
    const lines = events.map((event) => JSON.stringify(event));
    for (const line of lines) hear(line, files.folder, job);
    await writeNew(files.events, `${lines.join('\n')}\n`);
    await writeNew(files.stderr, '[simulated] codex was not started\n');
  }
  return { exitCode: 0, signal: null, stderr: '' };
}

function countsOf({ inputTokens, cachedInputTokens, outputTokens, reasoningTokens }: Usage): object {
  return {
    input_tokens: inputTokens,
    cached_input_tokens: cachedInputTokens,
    output_tokens: outputTokens,
    reasoning_output_tokens: reasoningTokens,
  };
}
