import assert from 'node:assert/strict';
import * as z from 'zod';
import { checkSteps } from '../../lib/config/check-steps.js';
import type { CheckOptions, ConfigStep } from '../../lib/config/checked.js';
import type { CommonFields, StepType } from '../../lib/steps/contract.js';
import { defineType } from '../../lib/steps/define-type.js';

interface Ask extends CommonFields {
  readonly prompt?: string | undefined;
  readonly promptFile?: string | undefined;
  readonly model?: string | undefined;
  readonly sandbox?: 'read-only' | 'write' | undefined;
  readonly workdir?: string | undefined;
  readonly bin?: string | undefined;
}

const ask: StepType<Ask> = {
  type: 'ask',
  fields: z.object({
    prompt: z.string().min(1).optional(),
    promptFile: z.string().min(1).optional(),
    model: z.string('name a model').optional(),
    sandbox: z.enum(['read-only', 'write']).optional(),
    workdir: z.string().min(1).optional(),
    bin: z.string().optional(),
  }),
  paths: ['promptFile', 'workdir'],
  programs: ['bin'],
  retries: 3,
  mistakes: ({ prompt, promptFile }) =>
    (prompt === undefined) === (promptFile === undefined)
      ? [{ field: 'prompt', message: 'expected one of prompt and promptFile' }]
      : [],
  templates: ({ prompt = '' }) => [{ field: 'prompt', text: prompt }],
  create: async (config) => ({ run: () => JSON.stringify(config) }),
};

interface Shell extends CommonFields {
  readonly cmd: string | readonly string[];
}

const shell: StepType<Shell> = {
  type: 'shell',
  fields: z.object({ cmd: z.union([z.string().min(1), z.array(z.string()).min(1)]) }),
  paths: [],
  retries: 0,
  templates: ({ cmd }) =>
    typeof cmd === 'string' ? [] : cmd.map((text, index) => ({ field: `cmd[${index}]`, text })),
  create: async ({ cmd }) => ({ run: () => String(cmd) }),
};

const defaultOptions: CheckOptions = {
  types: [defineType(ask), defineType(shell)],
  keys: [],
  folder: '/conf',
};

/** Keys that have files. */
export const keysOf = (...names: string[]) => names.map((name) => ({ name, values: false }));

/** Checks steps of the types `ask` and `shell`; their issues as `where: message`. */
export async function check(steps: readonly unknown[], options: Partial<CheckOptions> = {}) {
  const checked = await checkSteps(steps, { ...defaultOptions, ...options });
  return { ...checked, issues: checked.issues.map(({ where, message }) => `${where}: ${message}`) };
}

/** The one step of a good config. */
export async function only(config: unknown, options: Partial<CheckOptions> = {}): Promise<ConfigStep> {
  const { steps, issues } = await check([config], options);
  assert.deepEqual(issues, []);
  const [first] = steps;
  assert.ok(first?.kind === 'config');
  return first;
}

/** A step without a mistake. */
export const good = { type: 'ask', prompt: 'Hi' };
