import { arrayMistakes } from './answer-schema.js';
import { type CodexConfig, fields, isShareable } from './codex/config.js';
import { createCodex } from './codex/create.js';
import { settingIn } from './codex/program/provider.js';
import type { StepType } from './contract.js';
import { promptMistakes } from './text.js';

/** An agent run by the Codex CLI: `codex exec`, its files kept in a folder of its own. */
export const codex: StepType<CodexConfig> = {
  type: 'codex',
  fields,
  paths: ['promptFile', 'workdir'],
  programs: ['bin'],
  retries: 0,
  leavesFiles: true,
  mistakes: (config) => [...promptMistakes(config), ...arrayMistakes(config)],
  templates: ({ prompt = '' }) => [{ field: 'prompt', text: prompt }],
  modelCall: (config) => ({
    model: config.model ?? null,
    baseUrl: null,
    keyName: null,
    serviceTier: settingIn(config.config, 'service_tier'),
    maxOutputTokens: null,
    tools: [],
    schema: config.schema ?? null,
    shareable: isShareable(config),
  }),
  create: createCodex,
};
