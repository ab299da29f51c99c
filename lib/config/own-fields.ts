import { codeOf, type Issue, systemReason } from '../errors.js';
import { MOST_TEXT_BYTES, readBounded, Unbounded } from '../files/bounded-file.js';
import type { CommonFields, TemplateField } from '../steps/contract.js';
import type { KnownType, TypedConfig } from '../steps/define-type.js';
import { decodeUtf8, NotText } from '../util/utf8.js';
import { issuesOf, zodMessages } from './zod-messages.js';

type Fields = Readonly<Record<string, unknown>>;

/** A step's own fields after their check. With issues, the templates are those that could still be found. */
export interface OwnFields {
  readonly config?: TypedConfig;
  readonly templates: readonly TemplateField[];
  readonly issues: readonly Issue[];
}

/** Checks the fields that only a step's type knows; a `promptFile` (absolute) is read, and becomes the prompt. */
export async function checkOwn(
  where: string,
  common: CommonFields,
  fields: Fields,
  type: KnownType,
): Promise<OwnFields> {
  const check = (own: Fields) => type.check(common, own, zodMessages);
  const own = pick(fields, Object.keys(type.fields.shape));
  const config = check(own);
  if (!('issues' in config)) {
    const mistakes = mistakesOf(where, config);
    return mistakes.length > 0 ? found(config, mistakes) : withPrompt(where, own, config, check);
  }
  // Drops the wrong fields and goes on: placeholders and files may have mistakes of their own.
  const issues = issuesOf(where, config);
  const wrong = config.issues.map(({ path: [field] }) => field);
  const sound = pick(
    own,
    Object.keys(own).filter((field) => !wrong.includes(field)),
  );
  const rest = check(sound);
  if ('issues' in rest) return { templates: [], issues };
  const complete = await withPrompt(where, sound, rest, check);
  return { ...complete, issues: [...issues, ...complete.issues] };
}

async function withPrompt(
  where: string,
  { promptFile, ...others }: Fields,
  config: TypedConfig,
  check: (own: Fields) => ReturnType<KnownType['check']>,
): Promise<OwnFields> {
  if (typeof promptFile !== 'string') return found(config);
  const place = `${where}.promptFile`;
  const prompt = await readPrompt(promptFile);
  if ('mistake' in prompt) return found(config, [{ where: place, message: prompt.mistake }]);
  const complete = check({ ...others, prompt: prompt.text });
  if (!('issues' in complete)) return { ...found(complete), templates: fromFile(complete) };
  return found(
    config,
    issuesOf(where, complete).map((issue) =>
      issue.where === `${where}.prompt` ? { ...issue, where: place } : issue,
    ),
  );
}

function found(config: TypedConfig, issues: readonly Issue[] = []): OwnFields {
  return { config, templates: config.templates(), issues };
}

/** Mistakes in the prompt are mistakes in the file. */
function fromFile(config: TypedConfig): TemplateField[] {
  return config.templates().map(({ field, text }) => ({
    field: field === 'prompt' ? 'promptFile' : field,
    text,
  }));
}

function mistakesOf(where: string, { mistakes }: TypedConfig): Issue[] {
  return mistakes.map(({ field, message }) => ({ where: `${where}.${field}`, message }));
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

/** The text of a `promptFile` (absolute), or why there is none. */
async function readPrompt(file: string): Promise<{ text: string } | { mistake: string }> {
  try {
    return { text: decodeUtf8(await readBounded(file, MOST_TEXT_BYTES)) };
  } catch (error) {
    return { mistake: `${file} ${reasonOf(error)}` };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Unbounded) return `${error.message}; expected a text file`;
  if (error instanceof NotText) return error.message;
  const code = codeOf(error);
  if (code === 'ENOENT') return 'does not exist; paths in a config are relative to its folder';
  if (code === 'EISDIR') return 'is a directory; expected a text file';
  return `cannot be read: ${systemReason(error)}`;
}
