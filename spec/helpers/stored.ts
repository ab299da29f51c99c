import type { StepRecord } from '../../lib/flow/flow.js';
import type { StoredFlow, StoredStep } from '../../lib/store/contract.js';

export const stepRecord: StepRecord = {
  name: 'draft',
  type: 'function',
  status: 'done',
  startedAt: '2026-11-22T10:00:00.000Z',
  ms: 8,
  attempts: 1,
};

/** A step to be stored; the `n`-th differs from all others. */
export function storedStep(n: number, overrides: Partial<StoredStep> = {}): StoredStep {
  return {
    flow: hex(n, 16),
    branch: [],
    occurrence: 0,
    key: hex(n, 32),
    output: `output ${n}`,
    record: stepRecord,
    parts: ['m'],
    ...overrides,
  };
}

/** The end of the `n`-th flow, whose only step is that one. */
export function storedFlow(n: number, overrides: Partial<StoredFlow> = {}): StoredFlow {
  return {
    flow: hex(n, 16),
    branch: [],
    index: n,
    status: 'done',
    ms: 9,
    inputs: { doc: { path: `docs/${n}.md`, sha256: hex(n, 64) } },
    steps: [storedStep(n)],
    error: null,
    ...overrides,
  };
}

function hex(n: number, digits: number): string {
  return n.toString(16).padStart(digits, '0');
}
