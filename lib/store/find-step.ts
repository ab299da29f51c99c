import type { StepIdentity, StoredStep } from './contract.js';
import type { LineIndex } from './line-index.js';
import type { Outputs } from './outputs.js';
import { type StepLine, stepHead, storedStep } from './step-line.js';

/** What a journal keeps under an identity; null where there is nothing, or a file with the output is gone. */
export function findStep(identity: StepIdentity, steps: LineIndex, outputs: Outputs): StoredStep | null {
  if (steps.isEmpty) return null; // as in most runs: their heads aren't worth making
  const found = steps.last(stepHead(identity));
  if (!found) return null;
  const line: StepLine = JSON.parse(found.text);
  const output = outputs.read(line);
  return output === undefined || output === null ? null : storedStep(line, output);
}
