import type { FlowError } from '../../flow/flow.js';
import type { ResultRecord } from '../../flow/record.js';
import { jsonLine } from '../../util/json-line.js';

export const PRINTS = ['ndjson', 'output', 'path'] as const;

/** The output on stdout for a finished flow: the record, the output's text, or the path of its final message. */
export type Print = (typeof PRINTS)[number];

export interface Printed {
  /** The record as it is printed: failed, where its content can't be written. */
  readonly record: ResultRecord;
  /** Null where there is nothing to write. */
  readonly text: string | null;
}

/** A record as it is written. Texts have a longest length: a record too big for a line is that flow's failure. */
export function printed(record: ResultRecord, as: Print): Printed {
  try {
    return { record, text: textOf(record, as) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const told = withoutText(record);
    return { record: told, text: textOf(told, as) };
  }
}

function textOf(record: ResultRecord, as: Print): string | null {
  if (as === 'ndjson') return `${jsonLine(record)}\n`;
  const text = as === 'path' ? record.path : record.output;
  return text === null ? null : `${withoutFinalNewlines(text)}\n`;
}

/** Not by a pattern: that takes long where newlines stand in the middle by the million. */
function withoutFinalNewlines(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n') end--;
  return text.slice(0, end);
}

function withoutText(record: ResultRecord): ResultRecord {
  return { ...record, status: 'failed', output: null, path: null, error: tooBig(record) };
}

function tooBig({ output, steps, error }: ResultRecord): FlowError {
  const { name = null, type = null, attempts = 0 } = steps.at(-1) ?? {};
  const what =
    output === null ? `its error's message` : `the output of ${name} (${output.length} characters)`;
  return {
    step: error?.step ?? name,
    type: error?.type ?? type,
    kind: 'bad_output',
    message: `${what} is too big for a line`,
    hint: 'Have the step write to a file and return its path.',
    attempts,
  };
}
