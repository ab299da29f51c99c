import { isAbsolute } from 'node:path';
import { ConfigError } from '../../errors.js';
import type { Input } from '../../flow/flow.js';
import { suggestion } from '../../util/suggest.js';

/** A flow as far as it can be chosen by. */
export interface Choosable {
  readonly id: string;
  readonly inputs: Readonly<Record<string, Input>>;
}

/** How well a flow fits: null where it doesn't; of several the greatest number is meant. */
export type Fit = number | null;

const EXACT = 1;
const LOOSE = 0;

/** Which flow is meant: by its id or the beginning of that, or by inputs (`doc=a.md`), of which all have to fit. */
export class FlowChoice {
  /** As it was written. */
  readonly text: string;
  readonly #id: string | undefined;
  readonly #pairs: readonly (readonly [key: string, value: string])[];

  /** Throws a ConfigError where the words are neither. */
  constructor(words: readonly string[]) {
    this.text = words.join(' ');
    const pairs = words.filter((word) => word.includes('='));
    if (pairs.length < words.length && words.length > 1)
      throw mistake(`expected one flow, by its id or by KEY=VALUE pairs, got "${this.text}"`);
    this.#id = pairs.length === 0 ? words[0] : undefined;
    this.#pairs = pairs.map(pairIn);
  }

  /** Throws a ConfigError for a key that there isn't. */
  check(keys: readonly string[]): void {
    for (const [key] of this.#pairs)
      if (!keys.includes(key))
        throw mistake(`there is no key "${key}"${suggestion(key, keys)}; keys: ${keys.join(', ') || 'none'}`);
  }

  fit({ id, inputs }: Choosable): Fit {
    if (this.#id !== undefined) return fitOfId(id, this.#id);
    let sum = 0;
    for (const [key, value] of this.#pairs) {
      const fit = fitOfInput(inputs[key], value);
      if (fit === null) return null;
      sum += fit;
    }
    return sum;
  }
}

function pairIn(word: string): [key: string, value: string] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
}

function fitOfId(id: string, meant: string): Fit {
  if (id === meant) return EXACT;
  return id.startsWith(meant) ? LOOSE : null;
}

/** A value; or a path as it is listed, its end, or an absolute one that ends so. */
function fitOfInput(input: Input | undefined, meant: string): Fit {
  if (!input) return null;
  const { path, value } = input;
  if (path === null) return value === meant ? EXACT : null;
  const [listed, wanted] = [plain(path), plain(meant)];
  if (listed === wanted) return EXACT;
  const isEnd = isAbsolute(meant) ? wanted.endsWith(`/${listed}`) : listed.endsWith(`/${wanted}`);
  return isEnd ? LOOSE : null;
}

function plain(path: string): string {
  return path.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
}

function mistake(message: string): ConfigError {
  return new ConfigError([{ where: '', message }]);
}

/** So many are remembered. */
const MOST = 6;

/** Of flows that pass by, those that fit a choice best: at most six. */
export class BestFits<F extends Choosable> {
  readonly #choice: FlowChoice;
  readonly #keyOf: (flow: F) => string;
  #best = Number.NEGATIVE_INFINITY;
  #flows = new Map<string, F>();

  /** @param keyOf of flows with the same key the last one counts */
  constructor(choice: FlowChoice, keyOf: (flow: F) => string) {
    this.#choice = choice;
    this.#keyOf = keyOf;
  }

  add(flow: F): void {
    const fit = this.#choice.fit(flow);
    if (fit === null || fit < this.#best) return;
    if (fit > this.#best) this.#flows = new Map();
    this.#best = fit;
    const key = this.#keyOf(flow);
    if (this.#flows.size < MOST || this.#flows.has(key)) this.#flows.set(key, flow);
  }

  get flows(): readonly F[] {
    return [...this.#flows.values()];
  }
}
