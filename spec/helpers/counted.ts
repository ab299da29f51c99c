import type { Fingerprint } from '../../lib/step/fingerprint.js';
import { type RunStep, type StepFunction, step } from '../../lib/step/step.js';

/** A step that counts its calls, by what it was given. */
export function counted(name: string, answer: StepFunction = ({ output }) => `${name}(${output})`) {
  const calls: string[] = [];
  const run: StepFunction = (flow, context) => {
    calls.push(`${Object.values(flow.inputs)[0]?.value ?? ''}:${flow.output}`);
    return answer(flow, context);
  };
  const fingerprint: Fingerprint = {
    static: { name, source: String(answer) },
    labels: [],
    dynamic: ({ inputs, output }) => [inputs.n?.value ?? '', output],
    shareable: true,
  };
  return { calls, step: { ...step(name, run), fingerprint } satisfies RunStep };
}
