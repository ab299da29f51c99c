import * as z from 'zod';
import type { Checked, CommonFields } from '../contract.js';
import { schemaField } from '../schema-field.js';

const value = z.union([z.string(), z.number(), z.boolean()]);
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of an environment variable');

export const fields = z.object({
  prompt: z.string().optional().describe('The prompt, a template; codex gets it on its stdin.'),
  promptFile: z.string().min(1).optional().describe('A file that holds the prompt.'),
  model: z.string().min(1).optional().describe("The model's name. Default: that of codex's own config."),
  sandbox: z
    .enum(['read-only', 'workspace-write', 'danger-full-access'])
    .optional()
    .describe(
      'What commands of the model may do; `read-only` by default, whatever the own config of codex says.',
    ),
  schema: schemaField
    .optional()
    .describe('JSON Schema that the final message has to fit (structured output).'),
  workdir: z
    .string()
    .min(1)
    .optional()
    .describe('Where codex works; the working folder of the run by default.'),
  idleTimeout: z
    .number()
    .positive()
    .optional()
    .describe('Seconds without any event of codex, after which it is ended; 600 by default.'),
  ephemeral: z.boolean().optional().describe('true: codex keeps no session of it in its home.'),
  worktree: z
    .union([z.boolean(), z.literal('keep')], 'expected true, false or "keep"')
    .optional()
    .describe(
      'A git worktree for each flow, at the commit that is checked out when the run starts; codex steps of a flow ' +
        'share it. What codex changed is kept as changes.patch. `true` removes the worktree afterwards, "keep" leaves it.',
    ),
  config: z
    .union([
      z.record(
        z.string(),
        z.union(
          [value, z.array(value)],
          'expected a text, a number, true, false or a list; names of settings in others have dots',
        ),
      ),
      z.array(z.string().regex(/^[^=\s]+=/, 'expected key=value')),
    ])
    .optional()
    .describe(
      'Further settings of codex, as with its `-c key=value`: {"model_reasoning_effort": "high"}, or a list ' +
        'of such words: ["model_reasoning_effort=high"].',
    ),
  bin: z
    .string()
    .min(1)
    .optional()
    .describe('The codex program, a path or a name on PATH; else CODEX_BIN, else `codex`.'),
  env: z
    .union([z.array(variable), z.record(variable, z.string())])
    .optional()
    .describe(
      'Environment for codex, beside what programs need (PATH, HOME, proxies), CODEX_* and what the settings of its ' +
        'provider name: a list names variables to pass on, an object sets values. OPENAI_API_KEY is offered to it, as ' +
        'CODEX_API_KEY, where it has no login of its own.',
    ),
});

/** Further settings, by dotted name or as words of a command line. */
export type Settings = NonNullable<z.infer<typeof fields>['config']>;

export type CodexConfig = CommonFields & z.infer<typeof fields>;

/** Its only effect is an answer, which may serve equal calls. */
export function isShareable({ sandbox = 'read-only', worktree = false }: Checked<CodexConfig>): boolean {
  return sandbox === 'read-only' && !worktree;
}
