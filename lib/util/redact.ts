/** Shorter values aren't secrets: servers on this machine are given keys like `x`, and a text holds them by chance. */
const SHORTEST_SECRET = 8;

/** True if a value of a key or token has to stay secret. */
export function isSecret(value: string): boolean {
  return value.length >= SHORTEST_SECRET;
}

/** Of fields, headers and variables whose values are secret. Not `max_tokens`. */
const SECRET_NAME = /(key|token|secret|password|passwd|authorization|cookie|credentials?|signature)$/i;

/** True if a value of this name has to stay secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** The secret in an `Authorization` header, whatever its name. */
const CREDENTIALS = /^(?:bearer|basic) +(\S+)$/i;

export function isCredentials(value: string): boolean {
  return CREDENTIALS.test(value);
}

/** The secret in a value of such a name: that of an `Authorization` is without its scheme. */
export function secretIn(value: string): string {
  return CREDENTIALS.exec(value)?.[1] ?? value;
}

/** `http://me:secret@proxy:3128`, or without the scheme: the part before the last `@`. */
const NAME_AND_PASSWORD = /^([\w+.-]+:\/\/)?(.*)@/s;

/** The address without the name and the password in it. @param place stands in their place */
export function withoutPassword(address: string, place = ''): string {
  return address.replace(NAME_AND_PASSWORD, `$1${place}`);
}

/** The secrets in an address: its name and password, and the password alone, also decoded. */
export function secretsInAddress(address: string): string[] {
  const both = NAME_AND_PASSWORD.exec(address)?.[2] ?? '';
  const password = both.slice(both.indexOf(':') + 1);
  return [both, password, decoded(password)].filter(isSecret);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Stands where a secret was. */
export const REDACTED = '[redacted]';

/**
 * Replaces the secrets in texts, also where JSON writes some of their characters as escapes. A text that holds none costs
 * no more than a search for each.
 */
export function textRedactor(secrets: readonly string[]): (text: string) => string {
  if (secrets.length === 0) return (text) => text;
  // Longest first: one secret may be the start of another.
  const sorted = [...new Set(secrets)].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(sorted.map((secret) => Array.from(secret, asEscaped).join('')).join('|'), 'g');
  const mayBeEscaped = sorted.some((secret) => /["\\]/.test(secret)) ? /\\/ : /\\[u/]/;
  return (text) =>
    sorted.some((secret) => text.includes(secret)) || mayBeEscaped.test(text)
      ? text.replace(pattern, REDACTED)
      : text;
}

/** A pattern for a character as it is, behind a backslash, and as JSON's `\u` with four digits. */
function asEscaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units
    .map((unit) => {
      const digits = unit.toString(16).padStart(4, '0');
      const either = digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
      return `(?:\\\\?\\u${digits}|\\\\u${either})`;
    })
    .join('');
}

const PLACE = Buffer.from(REDACTED);
const NOTHING = Buffer.alloc(0);

/** The chunks with `[redacted]` where a secret stands, also where it is spread over several. */
export async function* redacted(
  chunks: AsyncIterable<Buffer>,
  secrets: readonly string[],
): AsyncGenerator<Buffer> {
  const redactor = new Redactor(secrets);
  for await (const chunk of chunks) yield* filled(redactor.add(chunk));
  yield* filled(redactor.end());
}

/** The text with `[redacted]` where a secret stands. */
export function redactedText(text: string, secrets: readonly string[]): string {
  const redactor = new Redactor(secrets);
  return Buffer.concat([redactor.add(Buffer.from(text)), redactor.end()]).toString();
}

function filled(chunk: Buffer): Buffer[] {
  return chunk.length > 0 ? [chunk] : [];
}

interface Found {
  readonly at: number;
  readonly length: number;
}

/** Holds back only a possible start of a secret. Its time is linear in the input. */
class Redactor {
  /** Longest first: one secret may be the start of another. */
  readonly #secrets: readonly Buffer[];
  #held: Buffer = NOTHING;

  constructor(secrets: readonly string[]) {
    const forms = new Set(secrets.filter((secret) => secret !== '').flatMap(formsOf));
    this.#secrets = [...forms].map((form) => Buffer.from(form)).sort((a, b) => b.length - a.length);
  }

  add(chunk: Buffer): Buffer {
    if (this.#secrets.length === 0) return chunk;
    return this.#clean(this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : chunk, true);
  }

  /** The held bytes, at the end of the text. */
  end(): Buffer {
    return this.#clean(this.#held, false);
  }

  #clean(bytes: Buffer, more: boolean): Buffer {
    const startFrom = (from: number) => (more ? this.#startIn(bytes, from) : bytes.length);
    const clean: Buffer[] = [];
    let from = 0;
    let start = startFrom(0);
    for (const { at, length } of this.#find(bytes)) {
      if (at >= start) break;
      clean.push(bytes.subarray(from, at), PLACE);
      from = at + length;
      if (start < from) start = startFrom(from);
    }
    // A copy: the buffer that it is a part of may be big.
    this.#held = Buffer.from(bytes.subarray(start));
    return Buffer.concat([...clean, bytes.subarray(from, start)]);
  }

  /** From left to right, none within another. */
  *#find(bytes: Buffer): Generator<Found> {
    const next = this.#secrets.map((secret) => ({ secret, at: bytes.indexOf(secret) }));
    for (;;) {
      const [first] = next.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at);
      if (!first) return;
      const { at } = first;
      const { length } = first.secret;
      yield { at, length };
      for (const each of next)
        if (each.at >= 0 && each.at < at + length) each.at = bytes.indexOf(each.secret, at + length);
    }
  }

  /** The first place from which on all there is starts a secret that isn't complete; the end where there is none. */
  #startIn(bytes: Buffer, from: number): number {
    const [longest = NOTHING] = this.#secrets;
    for (let at = Math.max(from, bytes.length - longest.length + 1); at < bytes.length; at++) {
      if (this.#secrets.some((secret) => starts(secret, bytes, at))) return at;
    }
    return bytes.length;
  }
}

/** True if the rest of the bytes is a start of the secret, and not all of it. */
function starts(secret: Buffer, bytes: Buffer, at: number): boolean {
  const length = bytes.length - at;
  return secret[0] === bytes[at] && length < secret.length && bytes.compare(secret, 0, length, at) === 0;
}

/** As it is, and as it stands in JSON. */
function formsOf(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1)];
}
