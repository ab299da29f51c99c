import { assertNone, type Issue } from '../errors.js';
import { checkLane, type LaneSettings, type LanesSettings } from '../lanes/settings.js';

const WHERE = '--lane';
const EXAMPLE = 'for example --lane openai:concurrency=200,rpm=5000';

/** Reads each `--lane openai:concurrency=200,rpm=5000,tpm=2000000`. Throws a ConfigError that names all mistakes. */
export function parseLanes(texts: readonly string[]): LanesSettings {
  const lanes = new Map<string, LaneSettings>();
  const issues: Issue[] = [];
  for (const text of texts) {
    const { name, fields, message } = parseLane(text);
    const twice = lanes.has(name) ? `"${name}" is given twice` : undefined;
    const { settings, issues: found } =
      wrong(message ?? twice) ?? checkLane(`${WHERE} ${name}`, name, fields);
    issues.push(...found);
    lanes.set(name, settings);
  }
  assertNone(issues);
  return Object.fromEntries(lanes);
}

function wrong(message: string | undefined) {
  return message === undefined ? null : { settings: {}, issues: [{ where: WHERE, message }] };
}

interface ParsedLane {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The mistake in its form. */
  readonly message?: string;
}

/** Split at the last colon: models may have colons in their names, settings have none. */
function parseLane(text: string): ParsedLane {
  const colon = text.lastIndexOf(':');
  const name = text.slice(0, Math.max(colon, 0));
  const fields: Record<string, unknown> = {};
  for (const part of text.slice(colon + 1).split(',')) {
    const [field = '', value = ''] = part.split(/=(.*)/s);
    if (name === '' || field === '' || value === '')
      return { name, fields, message: `expected lane:setting=number, got "${text}"; ${EXAMPLE}` };
    if (Object.hasOwn(fields, field))
      return { name, fields, message: `"${field}" is given twice in "${text}"` };
    fields[field] = /^\d+$/.test(value) ? Number(value) : value;
  }
  return { name, fields };
}
