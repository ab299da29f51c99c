import type { Checked, ModelCall } from '../contract.js';
import { DEFAULT_MODEL, type OpenAIConfig } from './config.js';
import { hostedTools } from './hosted-tools.js';

/** Which model is asked, on what terms. */
export function modelCall(config: Checked<OpenAIConfig>): ModelCall {
  const { model = DEFAULT_MODEL, baseUrl, apiKeyEnv, schema, request = {} } = config;
  const { service_tier: tier } = request;
  return {
    model,
    baseUrl: baseUrl ?? null,
    keyName: apiKeyEnv ?? null,
    serviceTier: typeof tier === 'string' ? tier : null,
    maxOutputTokens: maxOutputTokens(request),
    tools: hostedTools(model, request),
    schema: schema ?? null,
    shareable: true,
  };
}

/** By its name in either API. */
function maxOutputTokens(request: Readonly<Record<string, unknown>>): number | null {
  const { max_output_tokens: most = request.max_completion_tokens ?? request.max_tokens } = request;
  return typeof most === 'number' ? most : null;
}
