import type { CommonFields } from '../contract.js';

export interface CmdConfig extends CommonFields {
  readonly cmd: string | readonly string[];
  readonly inputs?: readonly string[] | undefined;
}

/** Keys of the model's servers: a command has no use for them. */
export const KEYS = ['OPENAI_API_KEY', 'OPENAI_ADMIN_KEY', 'CODEX_API_KEY'];

/** Outputs are held in memory, one for each flow in flight. */
export const MOST_OUTPUT_MIB = 64;
