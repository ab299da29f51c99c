import * as z from 'zod';
import { type Placeholder, parse, placeholders } from '../util/template.js';
import { type CmdConfig, KEYS, MOST_OUTPUT_MIB } from './cmd/config.js';
import { createCmd } from './cmd/create.js';
import type { FieldMistake, StepType } from './contract.js';
import { inputsField } from './file-digests.js';

const NUL = 'holds a NUL character, which no program can be given';

/** Runs a program or a shell line; the previous output is its stdin, its stdout the output. */
export const cmd: StepType<CmdConfig> = {
  type: 'cmd',
  fields: z.object({
    cmd: z
      .union([z.string().min(1), z.array(z.string()).min(1)])
      .describe(
        'The program and its arguments, run without a shell (["wc", "-l"]), or one line for the shell ("sort | uniq"). ' +
          'The previous output is its stdin; its stdout, at most ' +
          `${MOST_OUTPUT_MIB} MiB, without one final newline, is the output. It runs in the working folder, with the ` +
          `environment but ${KEYS.join(', ')} and what an \`apiKeyEnv\` names. Processes that it leaves running are ended.`,
      ),
    inputs: inputsField,
  }),
  paths: [],
  retries: 0,
  mistakes: ({ cmd }) => (typeof cmd === 'string' ? lineMistakes(cmd) : listMistakes(cmd)),
  templates: ({ cmd }) =>
    typeof cmd === 'string' ? [] : cmd.map((text, index) => ({ field: `cmd[${index}]`, text })),
  create: createCmd,
};

function lineMistakes(line: string): FieldMistake[] {
  const [first] = placeholders(parse(line));
  if (first) return [{ field: 'cmd', message: refusal(first) }];
  return line.includes('\0') ? [{ field: 'cmd', message: NUL }] : [];
}

function listMistakes(list: readonly string[]): FieldMistake[] {
  return list.flatMap((text, index) =>
    text.includes('\0') ? [{ field: `cmd[${index}]`, message: NUL }] : [],
  );
}

function refusal({ name }: Placeholder): string {
  const shown = `{{{${name}}}}`;
  return (
    `${shown} in a line for the shell could be run as a part of it; write a list, where it stays one argument: ` +
    `["sh", "-c", "wc -l \\"$1\\"", "sh", "${shown}"]`
  );
}
