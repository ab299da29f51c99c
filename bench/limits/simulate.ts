import { StepFailure } from '../../lib/errors.js';
import { Gate, type Permit } from '../../lib/lanes/gate.js';
import { Lane } from '../../lib/lanes/lane.js';
import { limitsIn, retryAfterMs } from '../../lib/steps/openai/headers.js';
import { randomFrom } from '../../spec/helpers/random.js';
import { virtualClock } from '../../spec/helpers/virtual-clock.js';
import type { Scenario } from './scenarios.js';

export interface Outcome {
  readonly wallMs: number;
  readonly answered: number;
  readonly sent: number;
  readonly refused: number;
  readonly refusedAt: readonly number[];
  readonly passedAt: readonly number[];
}

/** All calls of a run against one server, in virtual time: the real gate and the real lane. */
export function simulate(scenario: Scenario, calls: number, parallel: number, seed = calls): Outcome {
  const {
    limiter: make,
    manner,
    answerMs = 50,
    jitterMs = 20,
    refusalMs = 3,
    status = 429,
    tokens = 15,
  } = scenario;
  const clock = virtualClock();
  const random = randomFrom(seed);
  const limiter = make();
  const lane = new Lane(
    { type: 'openai' },
    { settings: {}, maxWaitMs: 3_600_000, onExhausted: () => {}, clock, random },
  );
  const gate = new Gate(parallel, [{ lane }], clock);
  let answered = 0;
  let sent = 0;
  const refusedAt: number[] = [];
  const passedAt: number[] = [];
  let lastAt = 0;

  function come(index: number, refusedSince?: number): void {
    const admitted = (pass: Permit) => {
      clock.after(0.5 + random() * 2, () => serve(index, pass, refusedSince));
    };
    const pass = gate.tryEnter(0);
    if (pass) admitted(pass);
    else gate.queue(0, { flow: { index, branch: [] }, admitted, refused: () => {} });
  }

  function serve(index: number, pass: Permit, refusedSince?: number): void {
    const now = 3_600_000 + clock.now();
    sent++;
    pass.call?.tell({ tokens });
    if (limiter.passes(now, tokens)) {
      passedAt.push(now - 3_600_000);
      const delayMs = limiter.take(now, tokens);
      const headers = new Headers(manner.answered?.(limiter.state(now)));
      clock.after(delayMs + answerMs + random() * jitterMs, () => {
        limiter.end?.(3_600_000 + clock.now());
        answered++;
        lastAt = clock.now();
        pass.call?.tell(limitsIn(headers));
        pass.call?.succeeded();
        pass.leave();
      });
      return;
    }
    refusedAt.push(now - 3_600_000);
    limiter.refuse?.(now);
    const headers = new Headers(manner.refused?.(limiter.state(now)));
    const wish = retryAfterMs(headers);
    const failure = new StepFailure(status === 429 ? 'rate_limit' : 'server', String(status), {
      status,
      ...(wish !== undefined && { retryAfterMs: wish }),
    });
    clock.after(refusalMs, () => {
      const since = refusedSince ?? clock.now();
      pass.call?.tell(limitsIn(headers));
      const fate = pass.call?.failed(failure, clock.now() - since, index);
      if (typeof fate === 'object') clock.after(fate.againInMs, () => come(index, since));
      else if (fate === 'retries') gate.rest(0, 500 + random() * 500, () => come(index));
      pass.leave();
    });
  }

  for (let index = 0; index < calls; index++) come(index);
  clock.run();
  return { wallMs: lastAt, answered, sent, refused: refusedAt.length, refusedAt, passedAt };
}
