import type { MaxFailures } from '../../context/stop.js';
import { ConfigError, type Issue } from '../../errors.js';

/** A `--key name:list`. */
export interface KeyOption {
  readonly name: string;
  /** The list's path, `-` for stdin. */
  readonly list: string;
}

/** Collects every mistake on the command line, to be reported with those in the config and the lists. */
export class OptionCheck {
  readonly issues: Issue[] = [];
  /** Names of keys that have mistakes among them. */
  readonly brokenKeys: string[] = [];

  /** A whole number from 1 up. */
  count(option: string, text: string): number {
    if (/^\d+$/.test(text) && Number(text) >= 1 && Number.isSafeInteger(Number(text))) return Number(text);
    return this.#mistake(option, `expected a whole number from 1 up, got "${text}"`, 1);
  }

  /** Seconds, more than 0. */
  seconds(option: string, text: string | undefined): number | undefined {
    if (text === undefined) return undefined;
    if (/^\d+(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
    return this.#mistake(option, `expected a number of seconds above 0, got "${text}"`, undefined);
  }

  /** More than 0; a dollar sign may stand before it. */
  dollars(option: string, text: string | undefined): number | undefined {
    if (text === undefined) return undefined;
    const [, number = ''] = text.match(/^\$?(\d+(?:\.\d+)?)$/) ?? [];
    if (Number(number) > 0) return Number(number);
    return this.#mistake(option, `expected dollars above 0, as 5.00, got "${text}"`, undefined);
  }

  /** A number of flows, or a share of them. */
  failures(option: string, text: string | undefined): MaxFailures | undefined {
    if (text === undefined) return undefined;
    const [, number = '', percent] = text.match(/^(\d+(?:\.\d+)?)(%?)$/) ?? [];
    const value = Number(number);
    if (value > 0 && percent) return `${value}%`;
    if (value >= 1 && Number.isSafeInteger(value)) return value;
    const expected = 'expected a whole number from 1 up, or a share such as 10%';
    return this.#mistake(option, `${expected}, got "${text}"`, undefined);
  }

  oneOf<T extends string>(option: string, text: string, choices: readonly T[], fallback: T): T {
    const choice = choices.find((each) => each === text);
    if (choice !== undefined) return choice;
    return this.#mistake(option, `expected one of ${choices.join(', ')}, got "${text}"`, fallback);
  }

  keys(texts: readonly string[]): KeyOption[] {
    const keys = texts.flatMap((text) => this.#key(text));
    const names = keys.map(({ name }) => name);
    for (const name of new Set(names.filter((name, at) => names.indexOf(name) !== at)))
      this.#mistake('--key', `"${name}" is given twice`, undefined);
    if (keys.filter(({ list }) => list === '-').length > 1)
      this.#mistake('--key', 'stdin (-) can be the list of one key only', undefined);
    return keys;
  }

  /** Runs a check that throws a ConfigError of its own. */
  attempt<T, F>(check: () => T, fallback: F): T | F {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.issues.push(...error.issues);
      return fallback;
    }
  }

  /** Split at the first colon, so that `foo:C:\list.txt` works. */
  #key(text: string): KeyOption[] {
    const colon = text.indexOf(':');
    const name = text.slice(0, colon);
    const list = text.slice(colon + 1);
    if (colon > 0 && list) return [{ name, list }];
    const [, named, value = 'paths.txt'] = /^([\w-]+)(?:[:=](.+))?/.exec(text) ?? [];
    if (named !== undefined) this.brokenKeys.push(named);
    return this.#mistake(
      '--key',
      `expected name:list, got "${text}"; for example --key ${named ?? 'foo'}:${value}`,
      [],
    );
  }

  #mistake<T>(where: string, message: string, fallback: T): T {
    this.issues.push({ where, message });
    return fallback;
  }
}
