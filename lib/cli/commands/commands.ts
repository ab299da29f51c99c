import type { CommandClass } from 'clipanion';
import { ExplainCommand } from './explain-command.js';
import { PlanCommand } from './plan-command.js';
import { RemoveCommand } from './remove-command.js';
import { ResultsCommand } from './results-command.js';
import { RetryCommand } from './retry-command.js';
import { RunCommand } from './run-command.js';
import { RunsCommand } from './runs-command.js';

/** In the order of `--help`. */
export const COMMANDS: readonly CommandClass[] = [
  RunCommand,
  PlanCommand,
  RetryCommand,
  RunsCommand,
  ResultsCommand,
  ExplainCommand,
  RemoveCommand,
];
