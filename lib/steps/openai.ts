import type { StepType } from './contract.js';
import { fields, mistakes, modelCall, type OpenAIConfig } from './openai/config.js';

/** A call to a model: the Responses API, or Chat Completions, of OpenAI or of any server that speaks them. */
export const openai: StepType<OpenAIConfig> = {
  type: 'openai',
  fields,
  paths: ['promptFile'],
  retries: 3,
  mistakes,
  templates({ prompt = '', instructions }) {
    const list = [{ field: 'prompt', text: prompt }];
    return instructions === undefined ? list : [...list, { field: 'instructions', text: instructions }];
  },
  modelCall,
  async create(config, setup) {
    // The client takes a while to load: only a run that calls a model pays for it.
    const { createOpenAI } = await import('./openai/create.js');
    return createOpenAI(config, setup);
  },
};
