import * as z from 'zod';
import { jsonIn } from '../../../util/values.js';
import type { Settings } from '../config.js';
import { settingsIn } from './settings.js';

const text = z.string().optional().catch(undefined);

const settings = z.object({
  model_provider: text,
  profile: text,
  profiles: z.record(z.string(), z.object({ model_provider: text })).catch({}),
  model_providers: z
    .record(
      z.string(),
      z.object({
        env_key: text,
        env_http_headers: z.record(z.string(), z.string()).catch({}),
        requires_openai_auth: z.boolean().optional().catch(undefined),
      }),
    )
    .catch({}),
});

/** The provider that codex asks, as far as its settings tell. */
export interface Provider {
  readonly name: string;
  /** It is OpenAI, or something in front of it. */
  readonly asksOpenAI: boolean;
  /** It takes the user's login with OpenAI, or a key in its place. */
  readonly wantsLogin: boolean;
  /** The variable that holds its key. */
  readonly key: string | undefined;
  /** All variables that codex reads for it. */
  readonly variables: readonly string[];
}

/** @param given the settings of the step, which go before those in the home */
export async function providerIn(home: string, given: Settings = {}): Promise<Provider> {
  const own = byName(given);
  const { profile, profiles, model_provider, model_providers } = settings.parse(await settingsIn(home));
  const profiled = profiles[text.parse(own.profile) ?? profile ?? '']?.model_provider;
  const name = profiled ?? text.parse(own.model_provider) ?? model_provider ?? 'openai';
  const known = model_providers[name];
  const ownOf = (field: string) => own[`model_providers.${name}.${field}`];
  const key = text.parse(ownOf('env_key')) ?? known?.env_key;
  const auth = ownOf('requires_openai_auth') ?? known?.requires_openai_auth ?? name === 'openai';
  const asksOpenAI = auth === true;
  return {
    name,
    asksOpenAI,
    wantsLogin: asksOpenAI && key === undefined,
    key,
    variables: [...(key === undefined ? [] : [key]), ...Object.values(known?.env_http_headers ?? {})],
  };
}

/** A setting of the step itself, where it is a text. */
export function settingIn(settings: Settings = {}, name: string): string | null {
  return text.parse(byName(settings)[name]) ?? null;
}

/** A value that can't be parsed is a text, as in codex. */
function byName(settings: Settings): Readonly<Record<string, unknown>> {
  if (!Array.isArray(settings)) return settings;
  const named = settings.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
  return Object.fromEntries(named.map(([name, text = '']) => [name, jsonIn(text) ?? text]));
}
