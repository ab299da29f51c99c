import { setTimeout as delay } from 'node:timers/promises';
import { StepFailure } from '../errors.js';
import { type Answer, Answers, fateOf } from './answer.js';
import { listen } from './server.js';
import type { SimulatedRequest, Simulation, SimulationOptions } from './simulation.js';

/** Starts the embedded stand-in for the model, on a free port of the loopback interface. */
export async function startSimulation(options: SimulationOptions = {}): Promise<Simulation> {
  const { latency = 0, fail = 0 } = options;
  const answers = new Answers();

  async function answer(request: SimulatedRequest, signal: AbortSignal): Promise<Answer> {
    if (latency > 0) await delay(latency, undefined, { signal });
    const fate = fateOf(request);
    if (fate.luck < fail) throw failure(`[simulated] a failure, as \`fail=${fail}\` asks for`, 500);
    const made = await answers.to(request, fate);
    if (made) return made;
    throw failure('[simulated] the stand-in found no answer that fits the schema', 400);
  }

  const server = await listen(answer);
  return { ...server, answer };
}

function failure(message: string, status: number): StepFailure {
  return new StepFailure('server', message, { status, retryable: status === 500, retryAfterMs: 1 });
}
