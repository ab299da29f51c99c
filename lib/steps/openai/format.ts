import { isStrict } from './strict.js';

/** How both APIs are told which schema the answer has to fit. */
export function answerFormat(schema: Readonly<Record<string, unknown>>) {
  return { name: 'answer', schema: { ...schema }, strict: isStrict(schema) };
}
