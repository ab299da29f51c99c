import { cmd } from './cmd.js';
import { codex } from './codex.js';
import { defineType, type KnownType } from './define-type.js';
import { module } from './module.js';
import { openai } from './openai.js';

/** The types of steps that a config can name. */
export const stepTypes: readonly KnownType[] = [
  defineType(openai),
  defineType(codex),
  defineType(cmd),
  defineType(module),
];
