import type { Issue } from '../errors.js';
import { warningLine } from './findings.js';

/** Lines for the user, held back until it is certain that the run starts: mistakes stand alone. */
export class Notices {
  readonly #say: (line: string) => void;
  #held: string[] | null = [];

  constructor(say: (line: string) => void = () => {}) {
    this.#say = say;
  }

  readonly say = (line: string): void => {
    if (this.#held) this.#held.push(line);
    else this.#say(line);
  };

  /** The warnings go first. */
  release(warnings: readonly Issue[]): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const warning of warnings) this.#say(warningLine(warning));
    for (const line of held) this.#say(line);
  }
}
