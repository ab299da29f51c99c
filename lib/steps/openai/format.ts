import { isStrict } from '../../util/strict-schema.js';
import { sentSchema } from '../answer-schema.js';

/** How both APIs are told which schema the answer has to fit. */
export function answerFormat(schema: Readonly<Record<string, unknown>>) {
  const sent = sentSchema(schema);
  return { name: 'answer', schema: { ...sent }, strict: isStrict(sent) };
}
