import type { Issue } from '../errors.js';
import type { StepResult } from './checked.js';

/** Given names are unique, or a placeholder couldn't tell whose output it means. */
export function nameIssues(results: readonly StepResult[]): Issue[] {
  const first = new Map<string, string>();
  const issues: Issue[] = [];
  for (const { step, named } of results) {
    if (!named) continue;
    const earlier = first.get(step.name);
    if (earlier === undefined) first.set(step.name, step.where);
    else
      issues.push({
        where: `${step.where}.name`,
        message: `"${step.name}" is already the name of ${earlier}`,
      });
  }
  return issues;
}
